import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { Hold } from '../model/status.ts';
import { askFor } from '../sync/ask.ts';
import { lookAt } from '../sync/follow.ts';
import type { World } from '../sync/world.ts';
import type { NoticeFeed } from './feed.ts';
import type { DaemonOperator, SyncOrderOptions } from './operator.ts';
import type { DaemonFacts, PauseOrder, Resumed, ResumeOrder, SyncOrder } from './protocol.ts';
import { createReporter, requireStack, requireView } from './report.ts';

export interface DaemonContext {
  readonly facts: DaemonFacts;
  readonly feed: NoticeFeed;
}

/** Answers for the daemon that runs in this process. An order changes nothing but what is looked at, and when. */
export function createDaemonOperator(world: World, { facts, feed }: DaemonContext): DaemonOperator {
  return {
    ...createReporter(world, facts),
    about: () => Promise.resolve(facts),
    sync: (order, options) => orderSync(world, feed, { ...order, ...options }),
    pause: (order) => pause(world, order),
    resume: (order) => resume(world, order),
  };
}

/**
 * Looks at the sources first, since whoever asks has often just committed. The answer is the first sync that began by
 * hand after the order: one that the look itself set off, or that was running already, is not it.
 */
async function orderSync(
  world: World,
  feed: NoticeFeed,
  { stack, approve, wait, onReply, signal }: SyncOrder & SyncOrderOptions,
): Promise<void> {
  await Promise.all(world.sources.map((followed) => lookAt(world, followed, { trigger: 'manual', signal })));
  if (stack !== null) requireView(world, stack);
  const stacks = stack === null ? world.views.stackNames() : [stack];
  const failed = new AbortController();
  const following = { stacks, onReply, signal: AbortSignal.any([signal, failed.signal]) };
  const ending = wait ? followToEnd(world, feed, following) : Promise.resolve();
  onReply({ kind: 'asked', stacks });
  try {
    for (const name of stacks) {
      world.approvals.grant(name, approve);
      await askFor(world, name, 'manual');
    }
    await ending;
    if (wait && signal.aborted) throw stopped();
  } finally {
    failed.abort();
  }
}

function stopped(): SyncError {
  return new SyncError(
    'DaemonUnreachable',
    'The daemon was stopped before the sync came to its end; it goes on when the daemon is started again.',
  );
}

interface Following extends SyncOrderOptions {
  readonly stacks: readonly Name[];
}

async function followToEnd(
  world: World,
  feed: NoticeFeed,
  { stacks, onReply, signal }: Following,
): Promise<void> {
  const orderedAt = world.clock.now();
  const awaited = new Set(stacks);
  if (awaited.size === 0) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unsubscribe();
      resolve();
    };
    const unsubscribe = feed.subscribe((notice) => {
      if (!('stack' in notice) || !awaited.has(notice.stack)) return;
      onReply({ kind: 'notice', notice });
      if (notice.kind !== 'syncFinished' || notice.trigger !== 'manual') return;
      if (world.clock.now() - notice.durationMs >= orderedAt) awaited.delete(notice.stack);
      if (awaited.size === 0) end();
    });
    signal.addEventListener('abort', end, { once: true });
  });
}

/** The stack is looked at again at once, so that its status says that it is paused. */
async function pause(world: World, { stack, forMs, why }: PauseOrder): Promise<Hold> {
  requireStack(world, stack);
  const since = world.clock.now();
  const hold: Hold = { kind: 'freeze', stack, why, since, until: since + forMs };
  await world.store.recordHold(hold);
  await askFor(world, stack, 'manual');
  return hold;
}

async function resume(world: World, { stack, service }: ResumeOrder): Promise<Resumed> {
  requireStack(world, stack);
  const which = service === null ? ({ kind: 'freeze' } as const) : ({ kind: 'rejected', service } as const);
  const lifted = await world.store.liftHold(stack, which, world.clock.now());
  await askFor(world, stack, 'manual');
  return { lifted };
}
