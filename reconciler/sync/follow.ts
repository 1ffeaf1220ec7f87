import { isSyncError } from '../model/error.ts';
import type { Trigger } from '../model/event.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { SourceSnapshot } from '../model/ports.ts';
import { askFor } from './ask.ts';
import { loadTree } from './load.ts';
import type { SourceReading, SourceView, Views } from './view.ts';
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
    const revision = await source.poll(signal);
    if (world.views.get(source.name)?.commit.revision !== revision) {
      await adopt(world, await readRevision(world, followed, { revision, signal }), trigger);
    }
    world.views.recordCheck({ source: source.name, at: world.clock.now(), error: null });
  } catch (error) {
    if (signal.aborted || !isSyncError(error)) throw error;
    const { code, message } = error;
    world.views.recordCheck({ source: source.name, at: world.clock.now(), error: { code, message } });
    world.notifier.notify({ kind: 'sourceFailed', source: source.name, code, message });
  }
}

export interface LookOptions {
  /** What made us look: the cause of the syncs that a new commit asks for. */
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
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

/** Puts a reading in force and asks for a sync of just those stacks that it changes, of whatever source. */
async function adopt(world: World, reading: SourceReading, cause: Trigger): Promise<void> {
  const before = fingerprints(world.views);
  const trigger: Trigger = world.views.get(reading.source) === null ? 'start' : cause;
  world.views.set(reading);
  announce(world, world.views.get(reading.source));
  for (const [stack, text] of fingerprints(world.views)) {
    if (before.get(stack) === text) continue;
    world.running.stop(stack, 'superseded');
    await askFor(world, stack, trigger);
  }
}

function announce(world: World, view: SourceView | null): void {
  if (view === null) return;
  const { source, commit, problems } = view;
  world.notifier.notify({ kind: 'sourceRead', source, commit, stacks: [...view.stacks.keys()] });
  if (problems.length > 0) world.notifier.notify({ kind: 'sourceProblems', source, problems });
}

/**
 * By stack, text that is equal while the stack asks for the same thing: a commit elsewhere in the repository touches
 * no stack (portainer#10552). What a stack no longer has may be removed once its source has no problems any more.
 */
function fingerprints(views: Views): ReadonlyMap<Name, string> {
  return new Map(
    views.stackNames().map((name) => {
      const view = views.stack(name);
      const loaded = view?.loaded ?? null;
      const isComplete = view?.source.problems.length === 0;
      return [name, JSON.stringify([isComplete, loaded && [loaded.desired, loaded.problems]])];
    }),
  );
}
