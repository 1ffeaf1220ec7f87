// A Plimsoll in a process of its own beside a simulated engine, so that its memory, its processor time and its pauses
// are nobody else's: `simulated-program.ts apply|measure OPTIONS`. What it measured is the last line that it prints.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { planStacks } from '../../reconciler/planning.ts';
import { sweep } from '../../reconciler/sync/drift.ts';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import type { World } from '../../reconciler/sync/world.ts';
import { lookAtSources } from '../support/loops.ts';
import { connectTestWorld } from '../support/test-world.ts';
import { fleetManifests, fleetOf, type Fleet } from './fleet.ts';
import { createRawEngine } from './raw-engine.ts';
import { createWorkTree } from './repository.ts';
import { createResident } from './resident.ts';

export interface ProgramOptions {
  readonly socketPath: string;
  readonly directory: string;
  readonly image: string;
  readonly stacks: number;
  readonly servicesInEach: number;
  /** Services that the last commit changes. */
  readonly changes: number;
}

/** Milliseconds, MB and calls. */
export interface Measured {
  readonly startMs: number;
  readonly startPauseMs: number;
  readonly passCpuMs: readonly number[];
  readonly passPauseMs: readonly number[];
  readonly passCalls: number;
  readonly rawCpuMs: readonly number[];
  readonly rawMs: readonly number[];
  readonly rawStartMs: number;
  readonly memoryMb: number;
  readonly planMs: number;
  readonly planPauseMs: number;
  readonly planned: number;
}

const [mode = '', text = '{}'] = process.argv.slice(2);
const options = JSON.parse(text) as ProgramOptions;
const { signal: never } = new AbortController();
const looks = 12;

if (mode === 'apply') await apply();
else console.log(JSON.stringify(await measure()));
process.exit(0);

async function apply(): Promise<void> {
  const { socketPath, directory } = options;
  const resident = await createResident({ socketPath, directory, installation: 'simulated' });
  resident.repository.commit(manifests(0));
  await resident.follow();
  await resident.leave();
}

async function measure(): Promise<Measured> {
  const { socketPath, directory } = options;
  const connected = await connectTestWorld({
    installation: 'simulated',
    socketPath,
    repository: `${directory}/repository`,
    stateDirectory: `${directory}/state`,
    source: 'bench',
    configFile: null,
    notify: () => undefined,
  });
  const { world } = connected;
  const start = await timed(() => becomeSteady(world));
  const listening = new AbortController();
  const watching = world.engines.get(world.engines.byDefault).watch(() => undefined, listening.signal);
  const passes = await repeated(() => sweep(world, never));
  const before = countOf(connected.calls());
  await sweep(world, never);
  const passCalls = countOf(connected.calls()) - before;
  const memoryMb = process.memoryUsage().rss / 1e6;
  const raw = createRawEngine(socketPath);
  const rawLists = await repeated(() => raw.ask('GET', '/containers/json?all=1'));
  const rawStart = await timed(() => inspectAll(raw));
  createWorkTree(`${directory}/repository`).commit(manifests(options.changes));
  let planned = 0;
  const plan = await timed(async () => {
    planned = await planChanges(world);
  });
  raw.close();
  listening.abort();
  await watching;
  await connected.close();
  return {
    startMs: start.ms,
    startPauseMs: start.pauseMs,
    passCpuMs: passes.map(({ cpuMs }) => cpuMs),
    passPauseMs: passes.map(({ pauseMs }) => pauseMs),
    passCalls,
    rawCpuMs: rawLists.map(({ cpuMs }) => cpuMs),
    rawMs: rawLists.map(({ ms }) => ms),
    rawStartMs: rawStart.ms,
    memoryMb,
    planMs: plan.ms,
    planPauseMs: plan.pauseMs,
    planned,
  };
}

/** The daemon's loops, until every stack was read, looked at and found as it should be. */
async function becomeSteady(world: World): Promise<void> {
  const startedAt = Date.now();
  const controller = new AbortController();
  const running = runSchedule(world, { concurrency: 4, signal: controller.signal });
  while (!isSteady(world, startedAt)) await pause(20);
  controller.abort();
  await running;
}

function isSteady({ statuses }: World, startedAt: number): boolean {
  const looked = statuses.all().filter(({ lastCheckedAt }) => (lastCheckedAt ?? 0) >= startedAt);
  return looked.length === options.stacks && looked.every(({ syncStatus }) => syncStatus === 'synced');
}

/** From the commit to the plans of everything that it changes. */
async function planChanges(world: World): Promise<number> {
  await lookAtSources(world);
  const stacks = await world.store.dueStacks(world.clock.now());
  const { plans } = await planStacks(world, { stacks, signal: never });
  const creations = plans.flatMap(({ steps }) =>
    steps.filter(({ operation }) => operation.kind === 'createContainer'),
  );
  return creations.length;
}

async function inspectAll(raw: ReturnType<typeof createRawEngine>): Promise<void> {
  const listed = (await raw.ask('GET', '/containers/json?all=1')) as { readonly Id: string }[];
  const ids = listed.map(({ Id }) => Id);
  const lane = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await raw.ask('GET', `/containers/${id}/json`);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

interface Timing {
  readonly ms: number;
  readonly cpuMs: number;
  /** The longest time in which nothing else had a turn. */
  readonly pauseMs: number;
}

async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
  await work();
  const used = process.cpuUsage(cpu);
  const ms = performance.now() - startedAt;
  await pause(10);
  delay.disable();
  return { ms, cpuMs: (used.user + used.system) / 1000, pauseMs: delay.max / 1e6 };
}

/** The first ones are for the compiler. */
async function repeated(work: () => Promise<unknown>): Promise<readonly Timing[]> {
  const timings: Timing[] = [];
  for (let look = 0; look < looks + 4; look += 1) timings.push(await timed(work));
  return timings.slice(4);
}

/** The first services have another release, so many of them. */
function manifests(changed: number): Readonly<Record<string, string>> {
  const files = Array.from({ length: options.stacks }, (_, index) => {
    const fleet: Fleet = fleetOf(options.servicesInEach, {
      image: options.image,
      stack: `many-${index + 1}`,
    });
    const left = changed - index * options.servicesInEach;
    const releases = new Map(fleet.names.slice(0, Math.max(0, left)).map((name) => [name, 2]));
    return fleetManifests(fleet, { releases });
  });
  return Object.assign({}, ...files) as Readonly<Record<string, string>>;
}

function countOf(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}
