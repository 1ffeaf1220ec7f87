import { isSyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { SourceSnapshot } from '../model/ports.ts';
import { requestReviews } from './forge-work.ts';
import { loadTree } from './load.ts';
import type { LoadedStack, SourceReading, SourceView, Views } from './view.ts';
import type { FollowedSource, World } from './world.ts';

/**
 * One look at a source: a ref advertisement, and only when the ref moved a read of the whole commit. A failure is
 * recorded and shown; the last complete view stays in force and nothing counts as removed.
 */
export async function lookAt(
  world: World,
  followed: FollowedSource,
  { trigger, signal }: LookOptions,
): Promise<void> {
  const { source } = followed;
  try {
    let looks = 0;
    const lookOnce = (): Promise<boolean> => look(world, followed, { trigger, signal });
    while (looks < mostLooks && !(await followed.inTurn(lookOnce))) looks += 1;
    world.views.recordCheck({ source: source.name, at: world.clock.now(), error: null });
  } catch (error) {
    if (signal.aborted || !isSyncError(error)) throw error;
    const { code, message } = error;
    world.views.recordCheck({ source: source.name, at: world.clock.now(), error: { code, message } });
    world.notifier.notify({ kind: 'sourceFailed', source: source.name, code, message });
  }
}

/** Each further one because another daemon found something else while this one read. */
const mostLooks = 3;

export interface LookOptions {
  /** What made us look: the cause of the syncs that a new commit asks for. */
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
}

/** False when somebody else recorded another revision meanwhile. */
async function look(
  world: World,
  followed: FollowedSource,
  { trigger, signal }: LookOptions,
): Promise<boolean> {
  const { name } = followed.source;
  const head = (await world.heads.all()).get(name);
  const revision = await followed.source.poll(signal);
  const known = world.views.get(name)?.commit.revision ?? null;
  if (known === revision && head?.revision === revision) return true;
  const changed =
    known === revision ? [] : adopt(world, await readRevision(world, followed, { revision, signal }));
  // Whoever recorded it has asked for what it changes; only at a start may anything have been missed.
  if (known !== null && head?.revision === revision) return true;
  // What changed since a revision that is not the recorded one says nothing of what changes now.
  const concerned = known === null || known === head?.revision ? changed : allOf(world, name, changed);
  const settled = new Set(known === null ? concerned.filter((stack) => wasSettled(world, stack)) : []);
  const stacks = concerned.filter((stack) => !settled.has(stack));
  const at = world.clock.now();
  const cause = known === null ? 'start' : trigger;
  const record = { source: name, revision, after: head?.number ?? 0, stacks, trigger: cause, at };
  const isRecorded = await world.heads.record(record);
  const isNewer = head?.revision !== revision;
  if (isRecorded && isNewer) for (const stack of stacks) world.running.stop(stack, 'superseded');
  if (isRecorded) for (const stack of stacks) await world.queue.enqueue(stack);
  for (const stack of settled) await world.hints.enqueue(stack);
  if (isRecorded) await requestReviews(world, name);
  return isRecorded;
}

interface Wanted {
  readonly revision: Revision;
  readonly signal: AbortSignal;
}

/** Reads a revision completely, or throws. Registers its stacks, since only the store remembers those that left. */
async function readRevision(
  world: World,
  { source, engines, cache }: FollowedSource,
  { revision, signal }: Wanted,
): Promise<SourceReading> {
  const snapshot: SourceSnapshot = await source.read(revision, signal);
  const { stacks, problems } = await loadTree(snapshot, { defaults: world.defaults, engines, cache });
  const nameless = stacks.filter(({ name }) => name === null).flatMap((stack) => stack.problems);
  const names = stacks.flatMap(({ name }) => name ?? []);
  const { absent, taken } = await world.store.registerStacks(source.name, names);
  return {
    source: source.name,
    commit: snapshot.commit,
    stacks,
    problems: [...problems, ...nameless],
    absent,
    taken,
  };
}

/** Puts a reading in force; the answer is just those stacks that it changes, of whatever source. */
function adopt(world: World, reading: SourceReading): readonly Name[] {
  const before = asksOf(world.views);
  world.views.set(reading);
  announce(world, world.views.get(reading.source));
  const after = asksOf(world.views);
  return [...after].flatMap(([stack, ask]) => (isSameAsk(before.get(stack), ask) ? [] : [stack]));
}

function allOf(world: World, source: Name, others: readonly Name[]): readonly Name[] {
  const view = world.views.get(source);
  const own = view === null ? [] : [...view.stacks.keys(), ...view.absent];
  return [...new Set([...own, ...others])];
}

/** It was as it should be at this very commit when we last looked, so another look is all that it wants. */
function wasSettled({ statuses, views }: World, stack: Name): boolean {
  const status = statuses.get(stack);
  const isGood = status?.lastOutcome === 'succeeded' || status?.lastOutcome === 'unchanged';
  const revision = views.stack(stack)?.source.commit.revision;
  return isGood && status.syncStatus === 'synced' && status.syncedRevision === revision;
}

function announce(world: World, view: SourceView | null): void {
  if (view === null) return;
  const { source, commit, problems } = view;
  world.notifier.notify({ kind: 'sourceRead', source, commit, stacks: [...view.stacks.keys()] });
  if (problems.length > 0) world.notifier.notify({ kind: 'sourceProblems', source, problems });
}

/** What a stack asks for. */
interface Ask {
  /** What a stack no longer has may be removed once its source has no problems any more. */
  readonly isComplete: boolean;
  /** Null: it left the source. */
  readonly loaded: LoadedStack | null;
}

function asksOf(views: Views): ReadonlyMap<Name, Ask> {
  return new Map(
    views.stackNames().map((name) => {
      const view = views.stack(name);
      return [name, { isComplete: view?.source.problems.length === 0, loaded: view?.loaded ?? null }];
    }),
  );
}

/** A commit elsewhere in the repository touches no stack (portainer#10552). */
function isSameAsk(before: Ask | undefined, after: Ask): boolean {
  if (before === undefined || before.isComplete !== after.isComplete) return false;
  const [left, right] = [before.loaded, after.loaded];
  if (left === null || right === null) return left === right;
  const isSameDesired = left.desired === right.desired || isSameText(left.desired, right.desired);
  return isSameDesired && isSameText(left.problems, right.problems);
}

function isSameText(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
