import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkout } from '../../reconciler/prepare.js';
import type { Bench } from './context.ts';
import { figure, median, type Figure } from './figure.ts';
import { runProgram } from './program.ts';
import type { Measured, ProgramOptions } from './simulated-program.ts';

const sizes = [
  { stacks: 50, servicesInEach: 20, changes: 100 },
  { stacks: 500, servicesInEach: 20, changes: 1_000 },
] as const;
const image = 'bench/web:1';
const withTypes = ['--import', 'tsx'];

/** More containers than a machine has room for, on a simulated engine in a process of its own. */
export async function benchScale(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await benchSize(bench, size)));
  return figures;
}

async function benchSize(bench: Bench, size: (typeof sizes)[number]): Promise<readonly Figure[]> {
  const count = size.stacks * size.servicesInEach;
  const directory = bench.directory(`scale-${count}`);
  const socketPath = join(directory, 'engine.sock');
  const engine = await startEngine(socketPath);
  try {
    const options: ProgramOptions = { ...size, image, socketPath, directory };
    bench.say(`applying ${count} services to a simulated engine`);
    await run('apply', options);
    bench.say(`measuring with ${count} simulated containers`);
    const measured = JSON.parse((await run('measure', options)).trim().split('\n').at(-1) ?? '') as Measured;
    return figuresOf(measured, count, size.changes);
  } finally {
    const ended = once(engine, 'close');
    engine.stdin?.end();
    await ended;
  }
}

function figuresOf(measured: Measured, count: number, changes: number): readonly Figure[] {
  const on = `${count} simulated containers`;
  const rawCpu = { what: 'a raw list of them, parsed', runs: measured.rawCpuMs, goal: null };
  const rawWall = { what: 'a raw list of them, parsed', runs: measured.rawMs, goal: null };
  if (measured.planned !== changes)
    throw new Error(`${measured.planned} changes were planned, not ${changes}`);
  return [
    figure(`processor time of a no-op, ${on}`, measured.passCpuMs, {
      beside: [rawCpu, { what: 'the most that we allow', runs: [(25 * count) / 1000], goal: 1 }],
    }),
    figure(`calls of a no-op, ${on}`, [measured.passCalls], {
      unit: 'calls',
      beside: [{ what: 'the most that we allow', runs: [3], goal: 1 }],
    }),
    limited(`longest pause in a no-op, ${on}`, [median(measured.passPauseMs)], { most: 50 }),
    limited(`memory with ${on}`, [measured.memoryMb], { most: 250, unit: 'MB' }),
    figure(`start to steady, ${on}`, [measured.startMs], {
      beside: [
        { what: 'a raw list and inspecting each', runs: [measured.rawStartMs], goal: null },
        { what: 'the most that we allow', runs: [10_000], goal: 1 },
      ],
    }),
    limited(`longest pause in a start, ${on}`, [measured.startPauseMs], { most: 50 }),
    figure(`commit to plan of ${changes} changes, ${on}`, [measured.planMs], {
      beside: [rawWall, { what: 'the most that we allow', runs: [2_000], goal: 1 }],
    }),
    limited(`longest pause in that, ${on}`, [measured.planPauseMs], { most: 50 }),
  ];
}

interface Limit {
  readonly most: number;
  readonly unit?: Figure['unit'];
}

function limited(what: string, runs: readonly number[], { most, unit = 'ms' }: Limit): Figure {
  return figure(what, runs, {
    unit,
    beside: [{ what: 'the most that we allow', runs: [most], goal: 1 }],
  });
}

function run(mode: 'apply' | 'measure', options: ProgramOptions): Promise<string> {
  const program = join(checkout, 'test', 'bench', 'simulated-program.ts');
  return runProgram([...withTypes, program, mode, JSON.stringify(options)]);
}

async function startEngine(socketPath: string): Promise<ChildProcess> {
  const program = join(checkout, 'test', 'support', 'simulated', 'serve.ts');
  const engine = spawn(process.execPath, [...withTypes, program, socketPath, image], {
    cwd: checkout,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(engine.stdout, 'data');
  return engine;
}
