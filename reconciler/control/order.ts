import { SyncError } from '../model/error.ts';
import type { Notice } from '../model/notice.ts';
import type { Hold } from '../model/status.ts';
import { askFor } from '../sync/ask.ts';
import { lookAt } from '../sync/follow.ts';
import type { World } from '../sync/world.ts';
import { followSyncs } from './follow-sync.ts';
import type { DaemonOperator, SyncOrderOptions } from './operator.ts';
import type { DaemonFacts, PauseOrder, Resumed, ResumeOrder, SyncOrder } from './protocol.ts';
import { createReporter, requireStack, requireView } from './report.ts';

/** Answers for the daemon that runs in this process. An order changes nothing but what is looked at, and when. */
export function createDaemonOperator(world: World, facts: DaemonFacts): DaemonOperator {
  return {
    ...createReporter(world, facts),
    about: () => Promise.resolve(facts),
    sync: (order, options) => orderSync(world, { ...order, ...options }),
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
  { stack, approve, wait, onReply, signal }: SyncOrder & SyncOrderOptions,
): Promise<void> {
  await Promise.all(world.sources.map((followed) => lookAt(world, followed, { trigger: 'manual', signal })));
  if (stack !== null) requireView(world, stack);
  const stacks = stack === null ? world.views.stackNames() : [stack];
  const onNotice = (notice: Notice): void => onReply({ kind: 'notice', notice });
  const following = await followSyncs(world, wait ? stacks : [], { onNotice, signal });
  onReply({ kind: 'asked', stacks });
  for (const name of stacks) await askFor(world, name, { trigger: 'manual', approvals: approve });
  await following.toEnd();
  if (wait && signal.aborted) throw stopped();
}

function stopped(): SyncError {
  return new SyncError(
    'DaemonUnreachable',
    'The daemon was stopped before the sync came to its end; it goes on when the daemon is started again.',
  );
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
