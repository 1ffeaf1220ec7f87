import { randomBytes } from 'node:crypto';
import Docker, { type ContainerInspectInfo } from 'dockerode';
import { inject } from 'vitest';
import type { SyncRecord } from '../../reconciler/model/event.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Notice } from '../../reconciler/model/notice.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { askFor } from '../../reconciler/sync/ask.ts';
import { sweep } from '../../reconciler/sync/drift.ts';
import { preview, readIntent } from '../../reconciler/sync/preview.ts';
import { runSchedule } from '../../reconciler/sync/schedule.ts';
import type { World } from '../../reconciler/sync/world.ts';
import { lookAtSources, runDue } from './loops.ts';
import { createRepository, type CommitOptions, type FileContent, type TestRepository } from './repository.ts';
import { removeInstallation } from './remove-installation.ts';
import { temporaryDirectory } from './temporary.ts';
import { connectTestWorld } from './test-world.ts';

/** How each stack's syncs ended, in order: `succeeded`, or `failed, succeeded` where one led to another. */
export type Outcomes = Readonly<Record<string, string>>;

export interface PlaceOptions {
  /** Default: the run's. */
  readonly engine?: { readonly socketPath: string };
  /** The operator's file, for what an example needs to be allowed. */
  readonly configFile?: string | null;
  /** Given: the engines are those of the operator's file, which takes their addresses from here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a new one. */
  readonly stateDirectory?: string;
  /** Default: a new one, followed by its path. */
  readonly repository?: TestRepository;
  /** Where the source follows the repository; default: by its path. */
  readonly address?: string;
}

/** Where a deployment lives: what outlasts a process. */
export interface Place {
  readonly installation: string;
  readonly socketPath: string;
  readonly repository: TestRepository;
  readonly stateDirectory: string;
  readonly configFile: string | null;
  /** Given: the engines are those of the operator's file; the socket is the one that the test looks at. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly address: string | null;
  /** What the one source is called. */
  readonly source: string;
}

/** A place of its own: a repository, an empty state directory and an installation name that nobody else has. */
export function createPlace(options: PlaceOptions = {}): Place {
  const repository = options.repository ?? createRepository();
  repository.commit({ 'README.md': 'Nothing yet.\n' });
  return {
    repository,
    installation: `test-${randomBytes(4).toString('hex')}`,
    socketPath: (options.engine ?? inject('engine')).socketPath,
    stateDirectory: options.stateDirectory ?? temporaryDirectory(),
    configFile: options.configFile ?? null,
    ...(options.environment && { environment: options.environment }),
    address: options.address ?? null,
    source: 'test',
  };
}

/**
 * A repository, an engine and everything of ours between them, under an installation name of its own; the loops of the
 * daemon are run by hand, so that a test knows when they are done.
 */
export interface Deployment {
  readonly docker: Docker;
  readonly repository: TestRepository;
  readonly world: World;
  /** Everything that was said since the start. */
  readonly notices: readonly Notice[];
  /** How every sync so far ended, for the message of an assertion. */
  story(): string;
  commit(files: Readonly<Record<string, FileContent>>, options?: CommitOptions): string;
  /** Looks at the repository and runs every sync that this asks for, to its end. */
  sync(): Promise<Outcomes>;
  /** Looks at the repository only. */
  look(): Promise<void>;
  /** Looks at the engine, and runs every sync that this asks for. */
  heal(): Promise<Outcomes>;
  /** As a person who says "sync this now", accepting findings of these codes. */
  ask(stack: string, approve?: readonly string[]): Promise<Outcomes>;
  /** Waits for what a stack has been put off to, such as a retry, until nothing is left to do. */
  settle(stack: string): Promise<void>;
  /** The loops of the daemon, all of them. */
  run(): { stop(): Promise<void> };
  plan(stack: string): Promise<Plan>;
  /** Newest first. */
  history(stack: string): Promise<readonly SyncRecord[]>;
  inspect(container: string): Promise<ContainerInspectInfo>;
  /** Those whose names begin with the stack's, whoever made them, by name. */
  containers(stack: string): Promise<readonly ContainerInspectInfo[]>;
  /** The same in one line each, equal while it is the same process of the same container under the same name. */
  processes(stack: string): Promise<readonly string[]>;
  /** Ends our side, and leaves the engine as it is. */
  disconnect(): Promise<void>;
  /** The same, and removes everything of this installation from the engine. */
  close(): Promise<void>;
}

export function createDeployment(options: PlaceOptions = {}): Promise<Deployment> {
  return deployAt(createPlace(options));
}

/** The same in a place that may have been lived in. */
export async function deployAt(place: Place): Promise<Deployment> {
  const { repository, installation } = place;
  const docker = new Docker({ socketPath: place.socketPath });
  const notices: Notice[] = [];
  const connected = await connectTestWorld({
    ...place,
    ...(place.environment && { socketPath: null }),
    repository: place.address ?? repository.path,
    notify: (notice) => void notices.push(notice),
  });
  const { world } = connected;
  const { signal } = new AbortController();
  const look = (): Promise<void> => lookAtSources(world);
  const outcomesOf = (work: () => Promise<void>): Promise<Outcomes> => collectOutcomes(world, notices, work);
  return {
    docker,
    repository,
    world,
    notices,
    story: () => notices.flatMap(endingOf).join('\n'),
    commit: (files, commitOptions) => repository.commit(files, commitOptions),
    look,
    sync: () => outcomesOf(look),
    heal: () => outcomesOf(() => sweep(world, signal)),
    ask: (stack, approve = []) =>
      outcomesOf(async () => {
        await askFor(world, name(stack), { trigger: 'manual', approvals: approve });
      }),
    settle: (stack) => settle(world, stack),
    run: () => runLoops(world),
    plan: (stack) => planOf(world, stack),
    history: async (stack) => (await world.store.history({ stack: name(stack), limit: 50 })).syncs,
    inspect: (container) => docker.getContainer(container).inspect(),
    containers: (stack) => containersOf(docker, stack),
    processes: async (stack) => (await containersOf(docker, stack)).map(processOf),
    disconnect: () => connected.close(),
    async close() {
      await connected.close();
      await removeInstallation(docker, installation);
    },
  };
}

/** Runs what is due until nothing is, and tells how it ended by what was said. */
async function collectOutcomes(
  world: World,
  notices: readonly Notice[],
  work: () => Promise<void>,
): Promise<Outcomes> {
  const first = notices.length;
  await work();
  await runDue(world);
  const finished = notices.slice(first).filter((notice) => notice.kind === 'syncFinished');
  const outcomes: Record<string, string> = {};
  for (const { stack, outcome } of finished) {
    outcomes[stack] = outcomes[stack] === undefined ? outcome : `${outcomes[stack]}, ${outcome}`;
  }
  return outcomes;
}

const longestWaitMs = 20_000;

async function settle(world: World, stack: string): Promise<void> {
  const endsAt = world.clock.now() + longestWaitMs;
  for (;;) {
    await runDue(world);
    const next = await world.store.nextDueAt();
    if (next === null || next > endsAt) return;
    await world.clock.sleep(Math.max(next - world.clock.now(), 1), AbortSignal.timeout(longestWaitMs));
    if (world.clock.now() > endsAt) throw new Error(`${stack} has not settled`);
  }
}

function runLoops(world: World): { stop(): Promise<void> } {
  const controller = new AbortController();
  const running = runSchedule(world, { concurrency: 4, signal: controller.signal });
  return {
    async stop() {
      controller.abort();
      await running;
    },
  };
}

async function planOf(world: World, stack: string): Promise<Plan> {
  const view = world.views.stack(name(stack));
  const intent = view === null ? null : await readIntent(world, name(stack), view);
  if (intent === null) throw new Error(`there is no plan for ${stack}`);
  const { signal } = new AbortController();
  return (
    await preview(world, intent, {
      approvals: [],
      curiosity: 'now and then',
      mayRecall: false,
      signal,
    })
  ).plan;
}

async function containersOf(docker: Docker, stack: string): Promise<readonly ContainerInspectInfo[]> {
  const filters = JSON.stringify({ name: [`^/${stack}-`] });
  const listed = await docker.listContainers({ all: true, filters });
  const containers = await Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
  return containers.toSorted((left, right) => (left.Name < right.Name ? -1 : 1));
}

function processOf({ Name, Id, State }: ContainerInspectInfo): string {
  return `${Name} ${Id.slice(0, 12)} ${State.Status} ${State.StartedAt}`;
}

function endingOf(notice: Notice): readonly string[] {
  return notice.kind === 'syncFinished' ? [`${notice.stack} ${notice.outcome}: ${notice.summary}`] : [];
}
