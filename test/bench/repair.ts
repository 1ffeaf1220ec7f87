import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import type { Bench } from './context.ts';
import { figure, time, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { openEvents } from './gaps.ts';
import { createRawFleet, removeRawFleet, startRaw } from './raw-fleet.ts';

const size = 20;
const runs = 9;

/** From `docker rm -f` to running again, the removal included, with the daemon's loops at work. */
export async function benchRepair(bench: Bench): Promise<readonly Figure[]> {
  bench.say('repairing what was removed by force');
  const fleet = fleetOf(size, { image: bench.image, stack: 'repaired' });
  const resident = await bench.resident('repair');
  resident.repository.commit(fleetManifests(fleet));
  await resident.follow();
  const controller = new AbortController();
  const running = runSchedule(resident.world, { concurrency: 4, signal: controller.signal });
  const byUs: number[] = [];
  for (const name of fleet.names.slice(0, runs)) {
    byUs.push(await timeToStart(bench, () => removeByForce(bench, `repaired-${name}-1`)));
  }
  controller.abort();
  await running;
  await resident.end();
  return [
    figure('removed by force to running again', byUs, {
      beside: [{ what: 'the raw calls', runs: await repairByHand(bench), goal: 1.15 }],
    }),
  ];
}

async function repairByHand(bench: Bench): Promise<readonly number[]> {
  const fleet = fleetOf(size, { image: bench.image, stack: 'raw' });
  await createRawFleet(bench.raw, fleet);
  const byHand: number[] = [];
  for (const name of fleet.names.slice(0, runs)) {
    const repair = async (): Promise<void> => {
      await removeByForce(bench, `raw-${name}`);
      await startRaw(bench.raw, fleet, { name, release: 1 });
    };
    byHand.push(await timeToStart(bench, repair));
  }
  await removeRawFleet(bench.raw, fleet);
  return byHand;
}

/** Until the engine says that a container has started. */
async function timeToStart({ engine }: Bench, work: () => Promise<unknown>): Promise<number> {
  const stream = await openEvents(engine.socketPath, { type: ['container'], event: ['start'] });
  const started = once(createInterface({ input: stream }), 'line');
  const took = await time(() => Promise.all([started, work()]));
  stream.destroy();
  return took;
}

async function removeByForce({ raw }: Bench, container: string): Promise<void> {
  await raw.ask('DELETE', `/containers/${container}?force=true&v=true`);
}
