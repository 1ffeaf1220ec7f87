import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Notice } from '../../reconciler/model/notice.ts';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import type { Bench } from './context.ts';
import { figure, percentile, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { openEvents } from './gaps.ts';
import { createRawFleet, removeRawFleet } from './raw-fleet.ts';
import type { Resident } from './resident.ts';

const size = 21;

/** From the call that kills a container to the recorded drift and its live event, and to the container's next start. */
export async function benchDrift(bench: Bench): Promise<readonly Figure[]> {
  bench.say('seeing and healing what was killed');
  const [ours, raw] = [await killOurs(bench), await killRaw(bench)];
  const seen = 'killed to recorded and told';
  const healed = 'killed to running again';
  return [
    figure(seen, ours.seen, { beside: [{ what: "the engine's own event", runs: raw.told, goal: null }] }),
    figure(`${seen}, 95 of 100`, [percentile(ours.seen, 95)], {
      beside: [
        { what: "the engine's own event", runs: [percentile(raw.told, 95)], goal: null },
        { what: 'one second', runs: [1_000], goal: 1 },
      ],
    }),
    figure(healed, ours.healed, { beside: [{ what: 'the raw restart', runs: raw.restarted, goal: null }] }),
    figure(`${healed}, 95 of 100`, [percentile(ours.healed, 95)], {
      beside: [
        { what: 'the raw restart', runs: [percentile(raw.restarted, 95)], goal: null },
        { what: 'the same and 1.5 s', runs: [percentile(raw.restarted, 95) + 1_500], goal: 1 },
      ],
    }),
  ];
}

interface Latencies {
  readonly seen: readonly number[];
  readonly healed: readonly number[];
}

/** Each service once: healing the same one again waits. */
async function killOurs(bench: Bench): Promise<Latencies> {
  const fleet = fleetOf(size, { image: bench.image, stack: 'killed' });
  const resident = await bench.resident('drift');
  resident.repository.commit(fleetManifests(fleet));
  await resident.follow();
  const controller = new AbortController();
  const running = runSchedule(resident.world, { concurrency: 4, signal: controller.signal });
  const [seen, healed]: [number[], number[]] = [[], []];
  for (const name of fleet.names) {
    const over = heard(resident, ({ kind }) => kind === 'syncFinished');
    const opened = heard(resident, ({ kind }) => kind === 'driftOpened').then(() => performance.now());
    const started = await nextStart(bench);
    const killedAt = performance.now();
    await kill(bench, `killed-${name}-1`);
    const [seenAt, startedAt] = await Promise.all([opened, started()]);
    seen.push(seenAt - killedAt);
    healed.push(startedAt - killedAt);
    await over;
  }
  controller.abort();
  await running;
  await resident.end();
  return { seen, healed };
}

/** What nobody can do without: the engine's word that it ended, and the call that starts it. */
async function killRaw(bench: Bench): Promise<{ told: readonly number[]; restarted: readonly number[] }> {
  const fleet = fleetOf(size, { image: bench.image, stack: 'raw' });
  await createRawFleet(bench.raw, fleet);
  const [told, restarted]: [number[], number[]] = [[], []];
  for (const name of fleet.names) {
    const died = await nextEvent(bench, 'die');
    const started = await nextStart(bench);
    const killedAt = performance.now();
    await kill(bench, `raw-${name}`);
    told.push((await died()) - killedAt);
    await bench.raw.ask('POST', `/containers/raw-${name}/start`);
    restarted.push((await started()) - killedAt);
  }
  await removeRawFleet(bench.raw, fleet);
  return { told, restarted };
}

function heard(resident: Resident, isMeant: (notice: Notice) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = resident.listen((notice) => {
      if (!isMeant(notice)) return;
      stop();
      resolve();
    });
  });
}

function nextStart(bench: Bench): Promise<() => Promise<number>> {
  return nextEvent(bench, 'start');
}

/** Subscribed when it resolves; then gives the moment at which the event was told. */
async function nextEvent({ engine }: Bench, event: string): Promise<() => Promise<number>> {
  const stream = await openEvents(engine.socketPath, { type: ['container'], event: [event] });
  const told = once(createInterface({ input: stream }), 'line').then(() => performance.now());
  return async () => {
    const at = await told;
    stream.destroy();
    return at;
  };
}

async function kill({ raw }: Bench, container: string): Promise<void> {
  await raw.ask('POST', `/containers/${container}/kill`);
}
