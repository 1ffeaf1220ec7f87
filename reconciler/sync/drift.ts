import { isSyncError, type SyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import { isName, type Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import { isEmptyPlan } from '../model/plan.ts';
import type { LeaseState } from '../model/ports.ts';
import type { StackStatus } from '../model/status.ts';
import { backOffs } from '../plan/back-off.ts';
import { stackStatus, unknownStatus } from '../plan/status.ts';
import { earliestAttemptAt } from './again.ts';
import { askFor } from './ask.ts';
import { createBreath } from './breath.ts';
import { catchUp } from './catch-up.ts';
import { keepDrift } from './keep-drift.ts';
import { lookAtLeft, type LeftEngines } from './left.ts';
import { imagesOf, previewAgainst, readIntent, unreadOf, type Intent, type Preview } from './preview.ts';
import { findQuiet, forgetLook, noteLook, type QuietStack } from './quiet.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/** Compares every stack of every engine with what runs. Throws what the first engine that cannot be read says. */
export async function sweep(world: World, signal: AbortSignal): Promise<void> {
  await Promise.all(world.engines.names.map((engine) => sweepEngine(world, engine, signal)));
}

/**
 * Compares every stack of an engine with one snapshot of it and asks for a sync of those that differ. A pass that finds
 * nothing reads three lists and writes nothing. An engine without stacks is looked at too: somebody may want to know how it is.
 */
export async function sweepEngine(world: World, engine: Name, signal: AbortSignal): Promise<void> {
  const stacks = world.views.stackNames().filter((stack) => mayBeOn(world, stack, engine));
  const free = await findFree(world, stacks, signal);
  const isHere = ({ desired }: Intent): boolean => desired.engine === engine;
  const look = { engine, trigger: 'sweep', signal } as const;
  await compareAll(world, { ...free, intents: free.intents.filter(isHere) }, look);
}

/** Where a stack that left its source is, only the store knows. */
function mayBeOn(world: World, stack: Name, engine: Name): boolean {
  const desired = world.views.stack(stack)?.loaded?.desired ?? null;
  return desired === null || desired.engine === engine;
}

/** The same for the one stack that a hint names. */
export async function followHint(world: World, key: string, signal: AbortSignal): Promise<void> {
  if (!isName(key)) return;
  const free = await findFree(world, [key], signal);
  const engine = free.intents[0]?.desired.engine ?? free.quiet[0]?.view.loaded?.desired?.engine;
  if (engine !== undefined) await compareAll(world, free, { engine, trigger: 'event', signal });
}

/** Stacks that nobody syncs, with what their leases were before anything was looked at. */
interface Free {
  readonly intents: readonly Intent[];
  /** Those of which another look is likely to find nothing, so that nothing is read of them until it does. */
  readonly quiet: readonly QuietStack[];
  readonly leases: ReadonlyMap<Name, LeaseState>;
}

async function findFree(world: World, stacks: readonly Name[], signal: AbortSignal): Promise<Free> {
  const behind = await catchUp(world, signal);
  const leases = await world.store.leaseStates(stacks, world.clock.now());
  await world.statuses.keepUp(leases);
  const isHeld = (stack: Name): boolean => leases.get(stack)?.isHeld === true;
  const free = stacks.filter((stack) => !isHeld(stack));
  for (const stack of stacks) if (isHeld(stack)) world.running.lookAfter(stack);
  const reader: Reader = { behind, running: noteRunning(world, free) };
  const quiet = free.flatMap((stack) => {
    const known = findQuiet(world, stack, leases.get(stack));
    return known === null || isElsewhere(known.view, stack, reader) ? [] : [known];
  });
  const others = free.filter((stack) => !quiet.some((known) => known.stack === stack));
  return { intents: await readIntents(world, others, reader), quiet, leases };
}

interface Look {
  readonly engine: Name;
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
}

async function compareAll(world: World, { intents, quiet, leases }: Free, look: Look): Promise<void> {
  const [observed, left] = await Promise.all([
    observe(world, { intents, quiet }, look),
    lookAtLeft(world, intents, look.signal),
  ]);
  const moved = await findMoved(world, leases);
  const breath = createBreath(world.clock, look.signal);
  const restless = quiet.filter((known) => !known.isStill(observed));
  for (const known of quiet) {
    if (moved.has(known.stack)) await world.hints.enqueue(known.stack);
    else if (!restless.includes(known)) world.statuses.confirm(known.stack, world.clock.now());
  }
  const woken = await readAll(world, restless);
  for (const intent of [...intents, ...woken]) {
    await breath();
    const lease = leases.get(intent.stack);
    if (moved.has(intent.stack)) await world.hints.enqueue(intent.stack);
    else await compare(world, intent, { ...look, observed, left, lease });
  }
}

async function readAll(world: World, stacks: readonly QuietStack[]): Promise<readonly Intent[]> {
  const intents = await Promise.all(stacks.map(({ stack, view }) => readIntent(world, stack, view)));
  return intents.filter((intent) => intent !== null);
}

/** Those that somebody, here or elsewhere, began to sync since: what was seen of them is neither before nor after that. */
async function findMoved(world: World, before: Free['leases']): Promise<ReadonlySet<Name>> {
  const after = await world.store.leaseStates([...before.keys()], world.clock.now());
  return new Set(
    [...after].flatMap(([stack, { number }]) => (before.get(stack)?.number === number ? [] : [stack])),
  );
}

/** Throws when the engine cannot be read; the stacks are unknown from then on. */
async function observe(
  world: World,
  { intents, quiet }: Pick<Free, 'intents' | 'quiet'>,
  { engine, trigger, signal }: Look,
): Promise<ObservedState> {
  const asked = imagesOf(intents, 'now and then');
  const images = [...new Set([...asked.images, ...quiet.flatMap(({ request }) => request.images)])];
  // The sweep is there to find what the events did not tell.
  const request = { ...asked, images, mayRecall: trigger === 'event' };
  try {
    return await world.engines.get(engine).observe(request, signal);
  } catch (error) {
    if (isSyncError(error) && !signal.aborted) {
      const woken = await readAll(world, quiet);
      for (const intent of [...intents, ...woken]) await publishUnknown(world, intent, error);
    }
    throw error;
  }
}

async function publishUnknown(
  world: World,
  { stack, view, desired }: Intent,
  { code, message }: SyncError,
): Promise<void> {
  const { source, commit } = view.source;
  const { revision } = commit;
  const { engine } = desired;
  forgetLook(world, desired);
  const previous = world.statuses.get(stack);
  const attempt = { outcome: 'unknown', summary: message, code } as const;
  const now = world.clock.now();
  await world.statuses.publish(unknownStatus({ stack, source, engine, revision, previous, attempt, now }));
}

interface Reader {
  readonly behind: ReadonlyMap<Name, SyncError>;
  /** Stacks that are synced here. */
  readonly running: ReadonlySet<Name>;
}

function noteRunning(world: World, stacks: readonly Name[]): ReadonlySet<Name> {
  const running = new Set(world.running.stacks());
  for (const stack of stacks) if (running.has(stack)) world.running.lookAfter(stack);
  return running;
}

/**
 * A stack that is being synced is left out: what it does now is not drift. It is looked at again at its end. So is one of
 * which another daemon knows a newer revision.
 */
function isElsewhere({ source }: StackView, stack: Name, { behind, running }: Reader): boolean {
  return running.has(stack) || behind.has(source.source);
}

async function readIntents(
  world: World,
  stacks: readonly Name[],
  reader: Reader,
): Promise<readonly Intent[]> {
  const intents = await Promise.all(
    stacks.map(async (stack) => {
      const view = world.views.stack(stack);
      return view === null || isElsewhere(view, stack, reader) ? null : readIntent(world, stack, view);
    }),
  );
  return intents.filter((intent) => intent !== null);
}

interface Seen extends Look {
  readonly observed: ObservedState;
  readonly left: LeftEngines;
  readonly lease: LeaseState | undefined;
}

async function compare(world: World, intent: Intent, seen: Seen): Promise<void> {
  const { observed, left, trigger, lease } = seen;
  const { stack, desired, view } = intent;
  if (world.running.stacks().includes(stack)) return world.running.lookAfter(stack);
  const unread = unreadOf(intent, observed);
  if (unread !== null) return publishUnknown(world, intent, unread);
  const preview = previewAgainst(world, intent, { observed, left, approvals: [] });
  await keepDrift(world, preview);
  const { plan } = preview;
  const { source, commit } = view.source;
  const previous = world.statuses.get(stack);
  const now = world.clock.now();
  const common = { source, revision: commit.revision, previous, attempt: null, now };
  await world.statuses.publish(stackStatus({ ...common, desired, observed, plan }));
  noteLook(world, preview, lease);
  lookAgainLater(world, preview);
  if (isEmptyPlan(plan)) return;
  // What was tried in vain while the engine was away delays nothing now that it is back.
  const notBefore = wasAway(previous) ? now : await earliestAttemptAt(world, stack);
  if (notBefore === null) return;
  if (notBefore <= world.clock.now()) await askFor(world, stack, trigger);
  else world.alarms.set(stack, notBefore);
}

/** Drift that waits is looked at again when the first of its waits is over. */
function lookAgainLater(world: World, { intent, plan }: Preview): void {
  if (plan.changes.length === 0) return;
  const { heals } = world.drift.memory(intent.stack);
  const waiting = backOffs({ heals, now: world.clock.now() });
  for (const { until } of waiting.values()) world.alarms.set(intent.stack, until);
}

function wasAway(previous: StackStatus | null): boolean {
  if (previous?.syncStatus !== 'unknown') return false;
  return previous.conditions.some(({ reason }) => reason.startsWith('Engine'));
}
