import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { name } from '../../reconciler/model/ids.ts';
import type { Store } from '../../reconciler/model/ports.ts';
import type { StackStatus } from '../../reconciler/model/status.ts';
import { removeContainer } from '../support/simulated/actions.ts';
import { startSimulatedEngine, type SimulatedEngine } from '../support/simulated/engine.ts';
import type { Fault } from '../support/simulated/faults.ts';
import type { SimulatedContainer, SimulatedVolume } from '../support/simulated/host.ts';
import { publishImage, pullImage } from '../support/simulated/images.ts';
import { createNetwork } from '../support/simulated/networks.ts';
import { createRandom, type Random } from '../support/simulated/random.ts';
import { createVolume } from '../support/simulated/volumes.ts';
import { beginLife, type Life } from './life.ts';
import { createMemorySource, type MemorySource } from './memory-source.ts';
import { addStranger, misbehave } from './mischief.ts';
import { complaintsAbout, describeStranger, isOurs, type Belongings } from './oracle.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { changeWanted, filesOf, imageOf, inventWanted, releaseAll, type Wanted } from './wanted.ts';

export interface TrialOptions {
  readonly seed: number;
  /** Of an empty database. */
  readonly store: Store;
  readonly directory: string;
}

export interface Verdict {
  /** Empty: all ended well. */
  readonly complaints: readonly string[];
  /** What was done, in order. */
  readonly story: readonly string[];
}

/** One short life of an installation in a bad world, and what an oracle says of how it ended. */
export async function runTrial({ seed, store, directory }: TrialOptions): Promise<Verdict> {
  const engine = await startSimulatedEngine({ socketPath: join(directory, `${seed}.sock`), seed });
  try {
    const trial = await createTrial(engine, { seed, store });
    for (let act = 0, acts = trial.random.integer(3, 7); act < acts; act += 1) await trial.act();
    const complaints = await trial.settle();
    await trial.end();
    return { complaints: [...trial.bugs, ...complaints], story: trial.story };
  } finally {
    await engine.close();
  }
}

interface Trial {
  readonly random: Random;
  readonly story: readonly string[];
  readonly bugs: readonly string[];
  act(): Promise<void>;
  settle(): Promise<readonly string[]>;
  end(): Promise<void>;
}

interface Stage {
  readonly engine: SimulatedEngine;
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly memory: MemorySource;
  readonly story: string[];
  readonly belongings: Belongings;
  /** Strangers that bear a name of ours; a person takes them away at the end. */
  readonly blockers: SimulatedContainer[];
  readonly begin: () => Promise<Life>;
  life: Life;
  wanted: Wanted;
}

async function createTrial(
  engine: SimulatedEngine,
  { seed, store }: Pick<TrialOptions, 'seed' | 'store'>,
): Promise<Trial> {
  // The engine draws from a sequence of its own, so that a call more or less changes no decision here.
  const random = createRandom(seed * 7 + 3);
  publishImages(engine);
  const clock = createVirtualClock();
  const memory = createMemorySource(name('memory'));
  const bugs: string[] = [];
  const onBug = (error: unknown): void => void bugs.push(`a bug: ${describeError(error)}`);
  const begin = (): Promise<Life> =>
    beginLife({ socketPath: engine.socketPath, store, source: memory.source, clock, onBug });
  const belongings = addForeigners(engine);
  const wanted = inventWanted(random);
  memory.commit(filesOf(wanted));
  const story: string[] = [];
  const stage: Stage = {
    engine,
    random,
    clock,
    memory,
    story,
    belongings,
    blockers: [],
    begin,
    life: await begin(),
    wanted,
  };
  return {
    random,
    story,
    bugs,
    act: () => act(stage),
    settle: () => settle(stage),
    end: () => stage.life.kill(),
  };
}

type Scene = (stage: Stage) => Promise<void> | void;

/** What may happen, the usual more often than the rest. */
const scenes: readonly (readonly [times: number, what: string, scene: Scene])[] = [
  [4, 'a commit', commit],
  [4, 'mischief', hurt],
  [3, 'a turn', (stage) => stage.life.turn({ sweeps: true })],
  [3, 'a turn with faults', turnWithFaults],
  [2, 'mischief that no event tells of', hurtInSilence],
  [2, 'a kill in the middle of a turn', killInTheMiddle],
  [1, 'cut connections', ({ engine }) => engine.cutConnections()],
  [1, 'a restart of the engine', ({ engine }) => engine.restart(5)],
  [1, 'a stranger with forged labels', forge],
  [1, 'a stranger under a name of ours', block],
];
const deck = scenes.flatMap(([times, what, scene]) => Array.from({ length: times }, () => ({ what, scene })));

async function act(stage: Stage): Promise<void> {
  const { what, scene } = stage.random.pick(deck);
  stage.story.push(what);
  await scene(stage);
  // Turns are the daemon's own; most that happens is followed by one.
  if (stage.random.chance(0.6)) await stage.life.turn({ sweeps: stage.random.chance(0.5) });
  noteVolumes(stage);
}

function commit(stage: Stage): void {
  const { random, memory } = stage;
  stage.wanted = changeWanted(random, stage.wanted);
  memory.commit(filesOf(stage.wanted));
}

function hurt(stage: Stage): void {
  stage.story.push(misbehave(stage.engine.host, stage.random, oursOf(stage)));
}

function hurtInSilence(stage: Stage): void {
  const { events } = stage.engine.host;
  events.mute(true);
  hurt(stage);
  events.mute(false);
}

async function turnWithFaults(stage: Stage): Promise<void> {
  const { engine, random, life, story } = stage;
  const probability = random.pick([0.02, 0.1, 0.3]);
  engine.faults.decide = (call) => {
    if (call === 'GET /events' || !random.chance(probability)) return null;
    const fault = random.pick(faults);
    story.push(`${fault.kind} at ${call.replace(/[0-9a-f]{64}/, (id) => id.slice(0, 12))}`);
    return fault;
  };
  await life.turn({ sweeps: random.chance(0.5) });
  engine.faults.decide = null;
}

const faults: readonly Fault[] = [
  { kind: 'delay', ms: 3 },
  { kind: 'refuse', status: 500, message: 'something went wrong in the engine' },
  { kind: 'refuse', status: 409, message: 'something is in the way' },
  { kind: 'cutBefore' },
  { kind: 'cutAfter' },
  { kind: 'cutInside' },
];

async function killInTheMiddle(stage: Stage): Promise<void> {
  const { random, life } = stage;
  const turning = life.turn({ sweeps: true }).catch(() => undefined);
  await Promise.race([turning, pause(random.integer(0, 60))]);
  await life.kill();
  stage.life = await stage.begin();
}

function forge(stage: Stage): void {
  const [victim] = oursOf(stage);
  addTo(stage, { name: `forged-${stage.story.length}`, labels: { ...victim?.config.Labels } });
}

function block(stage: Stage): void {
  const [stack = '', services = {}] = Object.entries(stage.wanted)[0] ?? [];
  const wanted = `${stack}-${Object.keys(services)[0]}-1`;
  const { host } = stage.engine;
  if (host.names.has(wanted)) return;
  stage.blockers.push(addTo(stage, { name: wanted, labels: {} }));
}

function addTo(
  { engine, belongings }: Stage,
  stranger: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): SimulatedContainer {
  const container = addStranger(engine.host, stranger);
  const strangers = belongings.strangers as Map<string, { container: SimulatedContainer; before: string }>;
  strangers.set(container.id, { container, before: describeStranger(container) });
  return container;
}

const mostTurns = 24;
const quickTurns = 14;
const sweepMs = 61_000;

/** The world is good again. Whatever is left to do, the daemon has to find and do by itself. */
async function settle(stage: Stage): Promise<readonly string[]> {
  const { engine, blockers, belongings } = stage;
  engine.faults.decide = null;
  const complaintsBefore = complaintsAbout(engine.host, {}, belongings).filter((text) =>
    /stranger|volume|foreign/.test(text),
  );
  for (const blocker of blockers) {
    removeContainer(engine.host, blocker, { force: true, volumes: false });
    (belongings.strangers as Map<string, unknown>).delete(blocker.id);
  }
  const first = await turnUntilGood(stage);
  if (first.length === 0 || !(await isHeld(stage))) return [...complaintsBefore, ...first];
  // A version that was killed while it had to prove itself is rejected, and the next commit has its chance.
  stage.story.push('a commit that is not held');
  stage.wanted = releaseAll(stage.wanted, 9);
  stage.memory.commit(filesOf(stage.wanted));
  return [...complaintsBefore, ...(await turnUntilGood(stage))];
}

async function turnUntilGood(stage: Stage): Promise<readonly string[]> {
  const { engine, clock, belongings } = stage;
  let complaints: readonly string[] = ['nothing was looked at'];
  for (let turns = 0; turns < mostTurns; turns += 1) {
    await stage.life.turn({ sweeps: true });
    noteVolumes(stage);
    complaints = complaintsAbout(engine.host, stage.wanted, belongings);
    if (complaints.length === 0) return complaints;
    const nextDueAt = await stage.life.world.store.nextDueAt();
    clock.skipTo(Math.min(nextDueAt ?? Number.POSITIVE_INFINITY, clock.now() + sweepMs));
    // Health checks take their own time, and so does an event that nobody was told of.
    await pause(turns < quickTurns ? 5 : 400);
  }
  return [...complaints, ...stage.life.world.statuses.all().map(describeStatus)];
}

/** What the daemon itself says of a stack, for whoever looks for the mistake. */
function describeStatus({ stack, syncStatus, health, conditions }: StackStatus): string {
  const said = conditions.map(({ reason, message }) => `${reason} ${message}`.trim()).join(' / ');
  return `${stack} is ${syncStatus} and ${health}: ${said}`;
}

async function isHeld({ life, wanted }: Stage): Promise<boolean> {
  const holds = await Promise.all(Object.keys(wanted).map((stack) => life.world.store.holds(name(stack))));
  return holds.flat().length > 0;
}

function oursOf({ engine, belongings }: Stage): readonly SimulatedContainer[] {
  const all = [...engine.host.containers.values()];
  return all.filter(({ id, config }) => isOurs(config.Labels) && !belongings.strangers.has(id));
}

/** Volumes of ours are never lost, from the moment that they are there. */
function noteVolumes({ engine, belongings }: Stage): void {
  const volumes = belongings.volumes as Map<string, SimulatedVolume>;
  for (const volume of engine.host.volumes.values()) {
    if (isOurs(volume.Labels) && !volumes.has(volume.Name)) volumes.set(volume.Name, volume);
  }
}

function addForeigners({ host }: SimulatedEngine): Belongings {
  const foreignNetwork = createNetwork(host, { Name: 'foreign' }).Id;
  const foreignVolume = createVolume(host, { Name: 'foreign' }).Name;
  const strangers = new Map<string, { container: SimulatedContainer; before: string }>();
  const container = addStranger(host, { name: 'foreigner', labels: {} });
  strangers.set(container.id, { container, before: describeStranger(container) });
  return { strangers, foreignNetwork, foreignVolume, volumes: new Map() };
}

function publishImages({ host }: SimulatedEngine): void {
  const check = { Test: ['CMD-SHELL', 'test ! -e /tmp/sick'], Interval: 20_000_000, Retries: 2 };
  publishImage(host, imageOf.web, { config: { Cmd: ['/bin/serve'] } });
  publishImage(host, imageOf.checked, { config: { Cmd: ['/bin/serve'], Healthcheck: check } });
  const job = (): { exit: { afterMs: number; code: number }; readyAfterMs: number } => ({
    exit: { afterMs: 2, code: 0 },
    readyAfterMs: 0,
  });
  publishImage(host, imageOf.job, { config: { Cmd: ['/bin/job'] }, program: job });
  // The strangers' image is there before them.
  pullImage(host, imageOf.web);
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
