import { SyncError } from '../model/error.ts';
import type { SyncRecord } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { nearest } from '../model/nearest.ts';
import { compareText } from '../model/problem.ts';
import type { HistoryPage, HistoryQuery, Store } from '../model/ports.ts';
import type { StackStatus } from '../model/status.ts';
import { isNotFollowed } from '../plan/unfollowed.ts';
import { previewAll, readIntent, type Look } from '../sync/preview.ts';
import type { StackView } from '../sync/view.ts';
import type { World } from '../sync/world.ts';
import type { Operator } from './operator.ts';
import type {
  DaemonFacts,
  DiffReport,
  DriftOrder,
  DriftReport,
  EngineReport,
  SourceReport,
  StackDiff,
  StackReport,
} from './protocol.ts';
import { reportFiles } from './report-files.ts';

/** Answers what can be answered by looking. Changes nothing. */
export function createReporter(world: World, daemon: DaemonFacts | null): Operator {
  return {
    status: async () => ({
      at: world.clock.now(),
      daemon,
      engines: reportEngines(world),
      sources: reportSources(world),
      stacks: await reportStacks(world),
    }),
    diff: (stack, signal) => reportDiff(world, stack, signal),
    files: (stack, service, signal) =>
      reportFiles(world, { stack, service, engine: engineOf(world, stack) }, signal),
    drift: (order) => reportDrift(world, order),
    history: (query) => readHistory(world, query),
    record: (syncId) => findRecord(world.store, syncId),
    reviews: async () => ({ reviews: await world.store.reviews() }),
    deliveries: async (query) => ({ deliveries: await world.store.deliveries(query) }),
  };
}

/** Refuses a stack that nobody has heard of, with the nearest that there is. */
export function requireStack(world: World, stack: Name): void {
  const known = knownStacks(world);
  if (known.includes(stack)) return;
  const near = nearest(stack, known);
  const advice =
    near !== null
      ? `Did you mean ${near}?`
      : known.length === 0
        ? 'No stack is known yet: `plimsoll status` shows whether the sources could be read.'
        : `There are: ${known.join(', ')}.`;
  throw new SyncError('StackUnknown', `There is no stack "${stack}". ${advice}`);
}

function engineOf(world: World, stack: Name): Name {
  return requireView(world, stack).loaded?.desired?.engine ?? world.engines.byDefault;
}

/** The same, and refuses a stack whose source could not be read since the start. */
export function requireView(world: World, stack: Name): StackView {
  requireStack(world, stack);
  const view = world.views.stack(stack);
  if (view !== null) return view;
  const status = world.statuses.get(stack);
  if (status !== null && isNotFollowed(status)) {
    throw new SyncError(
      'StackUnknown',
      `No source follows stack ${stack} any more, so nobody says what it should be; \`plimsoll status ${stack}\` shows what is left of it.`,
    );
  }
  throw new SyncError(
    'SourceUnreachable',
    `The source of stack ${stack} could not be read yet, so nothing is known of what it should be; \`plimsoll status\` shows why.`,
  );
}

function knownStacks(world: World): readonly Name[] {
  const recorded = world.statuses.all().map(({ stack }) => stack);
  return [...new Set([...world.views.stackNames(), ...recorded])].sort(compareText);
}

function reportEngines(world: World): readonly EngineReport[] {
  return world.engines.checks().map(({ engine, host, info, lastSeenAt, error, hearing }) => ({
    engine,
    host,
    version: info?.version ?? null,
    apiVersion: info?.apiVersion ?? null,
    lastSeenAt,
    error,
    hearing,
  }));
}

function reportSources(world: World): readonly SourceReport[] {
  const checks = world.views.checks();
  return world.sources.map(({ source: { name } }) => {
    const view = world.views.get(name);
    const check = checks.find(({ source }) => source === name);
    return {
      source: name,
      revision: view?.commit.revision ?? null,
      checkedAt: check?.at ?? null,
      error: check?.error ?? null,
      problems: view?.problems ?? [],
    };
  });
}

async function reportStacks(world: World): Promise<readonly StackReport[]> {
  // Others write, too: daemons on the same database, and commands beside this one.
  await world.statuses.refresh();
  const statuses = world.statuses.all().toSorted((a, b) => compareText(a.stack, b.stack));
  const names = statuses.map(({ stack }) => stack);
  const leases = await world.store.leaseStates(names, world.clock.now());
  const dueAt = new Map((await world.store.knownStacks()).map((known) => [known.name, known.dueAt]));
  return Promise.all(
    statuses.map((status) =>
      reportStack(world, status, {
        isRunning: leases.get(status.stack)?.isHeld === true,
        dueAt: dueAt.get(status.stack) ?? null,
      }),
    ),
  );
}

async function reportStack(
  world: World,
  status: StackStatus,
  work: Pick<StackReport, 'isRunning' | 'dueAt'>,
): Promise<StackReport> {
  const { stack } = status;
  return {
    ...status,
    ...work,
    holds: await world.store.holds(stack),
    problems: world.views.stack(stack)?.loaded?.problems ?? [],
  };
}

async function reportDiff(world: World, stack: Name | null, signal: AbortSignal): Promise<DiffReport> {
  const stacks = stack === null ? world.views.stackNames() : [stack];
  const looked = await Promise.all(
    stacks.map(async (name) => {
      const view = requireView(world, name);
      return { name, view, intent: await readIntent(world, name, view) };
    }),
  );
  const intents = looked.flatMap(({ intent }) => (intent === null ? [] : [intent]));
  const looks = await previewAll(world, intents, { curiosity: 'now and then', mayRecall: false, signal });
  requireAny(looks);
  return {
    at: world.clock.now(),
    stacks: looked.map(({ name, view }) => {
      const differences = looks.map(differencesOf).find((diff) => diff.stack === name);
      const drift = world.drift.memory(name).open;
      return Object.assign(nothingKnown(name, view), { drift }, differences);
    }),
  };
}

/** Where no engine at all could be looked at, that is the answer. */
function requireAny(looks: readonly Look[]): void {
  const [first] = looks;
  if (first?.kind === 'unseen' && looks.every(({ kind }) => kind === 'unseen')) throw first.error;
}

function differencesOf(look: Look): Partial<StackDiff> {
  switch (look.kind) {
    case 'seen': {
      const { stack, changes, findings, decisions } = look.preview.plan;
      return { stack, changes, findings, decisions };
    }
    case 'unseen': {
      const { code, message } = look.error;
      return { stack: look.intent.stack, error: { code, message } };
    }
    default:
      return look satisfies never;
  }
}

/** A stack that is gone has its past all the same. */
async function reportDrift(world: World, { sinceMs, ...query }: DriftOrder): Promise<DriftReport> {
  const at = world.clock.now();
  const intervals = await world.store.drift({ ...query, since: at - sinceMs });
  if (intervals.length === 0 && query.stack !== undefined) requireStack(world, query.stack);
  return { at, intervals };
}

function nothingKnown(stack: Name, view: StackView): StackDiff {
  return {
    stack,
    revision: view.source.commit.revision,
    problems: view.loaded?.problems ?? [],
    error: null,
    changes: [],
    findings: [],
    decisions: [],
    drift: [],
  };
}

/** A stack that is gone still has its history; a name that never was one is refused. */
async function readHistory(world: World, query: HistoryQuery): Promise<HistoryPage> {
  const page = await world.store.history(query);
  if (query.stack !== undefined && page.syncs.length === 0) requireStack(world, query.stack);
  return page;
}

async function findRecord(store: Store, syncId: string): Promise<SyncRecord> {
  const record = await store.sync(syncId);
  if (record !== null) return record;
  throw new SyncError('RecordNotFound', `There is no sync "${syncId}"; \`plimsoll history\` lists them.`);
}
