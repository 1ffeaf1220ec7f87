import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './context.ts';
import { figure, times, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { plimsoll, runProgram, startDaemon } from './program.ts';

const size = 50;
const runs = 5;
const planned = /sync (planned|finished)/;

/** From the start of the daemon's process to its first plan, of a stack that is only planned: nothing is made. */
export async function benchStart(bench: Bench): Promise<readonly Figure[]> {
  bench.say('starting the daemon');
  const resident = await bench.resident('start');
  const config = await resident.leave();
  const state = join(bench.directory('start'), 'state');
  const first: number[] = [];
  const again: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    rmSync(state, { recursive: true, force: true });
    resident.repository.commit(plannedStack(bench, `first-${run}`));
    first.push(await timeToPlan(config));
    resident.repository.commit(plannedStack(bench, `again-${run}`));
    again.push(await timeToPlan(config));
  }
  await resident.end();
  const bare = await times(runs, () => runProgram(['--eval', '0']));
  const beside = [{ what: 'Node, doing nothing', runs: bare, goal: null }];
  return [
    figure(`daemon's start to its first plan of ${size}`, again, { beside }),
    figure('the same on an empty state directory', first, { beside }),
  ];
}

/** Another one each time, since a plan that was told before is not told again. */
function plannedStack({ image }: Bench, stack: string): Readonly<Record<string, string>> {
  const manifest = { apiVersion: 'plimsoll.dev/v1', kind: 'Stack', spec: { sync: { automatic: false } } };
  return {
    ...fleetManifests(fleetOf(size, { image, stack })),
    [`stacks/${stack}/stack.yaml`]: JSON.stringify(manifest),
  };
}

async function timeToPlan(config: string): Promise<number> {
  const startedAt = performance.now();
  const daemon = await startDaemon(plimsoll('run', '--config', config, '--log', 'json'), { ready: planned });
  const took = performance.now() - startedAt;
  await daemon.end();
  return took;
}
