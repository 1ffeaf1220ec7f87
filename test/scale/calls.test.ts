import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { followHint } from '../../reconciler/sync/drift.ts';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import { fleetManifests, fleetOf, type Fleet } from '../bench/fleet.ts';
import { createResident, type Resident } from '../bench/resident.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { connectTestWorld } from '../support/test-world.ts';
import { until } from '../support/until.ts';

const stackCount = 30;
const servicesInEach = 4;
const { socketPath } = inject('engine');
const directory = temporaryDirectory();
let fleets: readonly Fleet[];
let resident: Resident;

beforeAll(async () => {
  const image = inject('images').web1;
  fleets = Array.from({ length: stackCount }, (_, index) =>
    fleetOf(servicesInEach, { image, stack: `many-${index + 1}` }),
  );
  resident = await createResident({ socketPath, directory, installation: 'many' });
  resident.repository.commit(manifests());
});

afterAll(() => resident.end());

test('many stacks that are applied at once do not list the whole engine each', async () => {
  await resident.follow();
  const { containerList = 0, containerInspect = 0, containerCreate } = resident.calls();
  expect(containerCreate).toBe(stackCount * servicesInEach);
  expect(containerList).toBeLessThanOrEqual(3);
  // One to prove that it runs, and what its events ask for.
  expect(containerInspect).toBeLessThanOrEqual(5 * stackCount * servicesInEach);
});

test('a pass that finds nothing lists three times, inspects nothing and writes nothing', async () => {
  await resident.pass();
  const before = resident.calls();
  await resident.pass();
  expect(grown(before, resident.calls())).toEqual({ containerList: 1, networkList: 1, volumeList: 1 });
});

test('a hint about a stack that nothing happened to costs no call at all', async () => {
  const before = resident.calls();
  for (const { stack } of fleets) await followHint(resident.world, name(stack), new AbortController().signal);
  expect(grown(before, resident.calls())).toEqual({});
});

test('a commit that changes one stack looks at what it changes', async () => {
  const before = resident.calls();
  resident.repository.commit(manifests(new Map([['s001', 2]]), 1));
  await resident.follow();
  const { containerList = 0, containerCreate, containerInspect = 0 } = grown(before, resident.calls());
  expect(containerCreate).toBe(1);
  expect(containerList).toBe(0);
  expect(containerInspect).toBeLessThan(20);
});

test('a restart at the same commit lists once, inspects each container once, and syncs nothing', async () => {
  await resident.leave();
  const second = await connectTestWorld({
    installation: 'many',
    socketPath,
    repository: resident.repository.path,
    stateDirectory: `${directory}/state`,
    source: 'bench',
    configFile: null,
    notify: () => undefined,
  });
  const { world } = second;
  const startedAt = Date.now();
  const controller = new AbortController();
  const running = runSchedule(world, { concurrency: 4, signal: controller.signal });
  try {
    await until('every stack was looked at', () => {
      const looked = world.statuses.all().filter(({ lastCheckedAt }) => (lastCheckedAt ?? 0) >= startedAt);
      return looked.length === stackCount && looked.every(({ syncStatus }) => syncStatus === 'synced');
    });
    const { containerList, containerInspect } = second.calls();
    expect(containerList).toBe(1);
    expect(containerInspect).toBe(stackCount * servicesInEach);
    const { syncs } = await world.store.history({ limit: 200 });
    expect(syncs.filter((sync) => sync.startedAt >= startedAt)).toEqual([]);
  } finally {
    controller.abort();
    await running;
    await second.close();
  }
});

/** Releases by service, in the first so many stacks. */
function manifests(
  releases: ReadonlyMap<string, number> = new Map(),
  changedStacks = 0,
): Readonly<Record<string, string>> {
  const files = fleets.map((fleet, index) =>
    fleetManifests(fleet, index < changedStacks ? { releases } : {}),
  );
  return Object.assign({}, ...files) as Readonly<Record<string, string>>;
}

function grown(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const entries = Object.entries(after).map(([call, count]) => [call, count - (before[call] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
