import { setTimeout } from 'node:timers/promises';
import type { Bench } from './context.ts';
import { figure, type Beside, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { plimsoll, residentMemory, startDaemon } from './program.ts';

/** More than this many would rather run as jobs that have ended; they are looked at in the same way. */
const mostRunning = 100;
/** With the highest ratio to a minimal client that we want to see. */
const sizes = [
  { size: 0, goal: null },
  { size: 100, goal: 1.3 },
  { size: 500, goal: null },
];
/** Long enough for the first looks to be over and their garbage to be collected now and then. */
const settleMs = 5_000;

/** Memory of the daemon's own process, its database aside, beside a client that only lists and listens. */
export async function benchMemory(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { size, goal } of sizes) {
    bench.say(`memory with ${size} services`);
    const fleet = fleetOf(size, { image: bench.image, stack: `kept-${size}` });
    const resident = await bench.resident(`memory-${size}`);
    const extra = size > mostRunning ? { lifecycle: 'job', command: ['true'], network_mode: 'none' } : {};
    resident.repository.commit(fleetManifests(fleet, { extra }));
    await resident.follow();
    const config = await resident.leave();
    const minimal: Beside = {
      what: 'a client that lists and listens',
      runs: [await minimalClient(bench)],
      goal,
    };
    const ours = await memoryOf(plimsoll('run', '--config', config, '--log', 'json'), /source read/);
    await resident.end();
    figures.push(figure(`memory with ${size} services`, [ours], { unit: 'MB', beside: [minimal] }));
  }
  return figures;
}

function minimalClient({ engine }: Bench): Promise<number> {
  const script = `
    import Docker from 'dockerode';
    const docker = new Docker({ socketPath: ${JSON.stringify(engine.socketPath)} });
    (await docker.getEvents()).resume();
    const containers = await docker.listContainers({ all: true });
    await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).inspect()));
    console.log('listening');`;
  return memoryOf(['--input-type=module', '--eval', script], /listening/);
}

async function memoryOf(args: readonly string[], ready: RegExp): Promise<number> {
  const daemon = await startDaemon(args, { ready });
  await setTimeout(settleMs);
  const amount = residentMemory(daemon.pid);
  await daemon.end();
  return amount;
}
