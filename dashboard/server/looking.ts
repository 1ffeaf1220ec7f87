import { SyncError } from '../../reconciler/model/error.ts';
import type { CommitBody, FailureBody, HoldBody } from '../../reconciler/model/generated/api.ts';
import { isName, type Name } from '../../reconciler/model/ids.ts';
import type { Hold, StackStatus } from '../../reconciler/model/status.ts';
import { previewAll, readIntent, type Preview } from '../../reconciler/sync/preview.ts';
import type { StackView } from '../../reconciler/sync/view.ts';
import type { World } from '../../reconciler/sync/world.ts';

/** A stack that is asked for, as far as it is known. */
export interface KnownStack {
  readonly status: StackStatus;
  /** Null where no source that was read has it. */
  readonly view: StackView | null;
  readonly holds: readonly Hold[];
}

/** Throws StackUnknown for a name that is no stack. */
export async function findStack(world: World, stack: string): Promise<KnownStack> {
  const status = isName(stack) ? world.statuses.get(stack) : null;
  if (status === null) {
    throw new SyncError('StackUnknown', `There is no stack "${stack}". /api/stacks lists them.`);
  }
  return { status, view: world.views.stack(status.stack), holds: await world.store.holds(status.stack) };
}

/** A stack beside its engine; both null where its manifests have problems or nobody follows it. */
export interface Sight {
  readonly preview: Preview | null;
  readonly unseen: FailureBody | null;
}

export async function lookAtStack(
  world: World,
  { status, view }: KnownStack,
  signal: AbortSignal,
): Promise<Sight> {
  const intent = view === null ? null : await readIntent(world, status.stack, view);
  if (intent === null) return { preview: null, unseen: null };
  const [look] = await previewAll(world, [intent], { curiosity: 'now and then', mayRecall: true, signal });
  if (look === undefined) return { preview: null, unseen: null };
  return look.kind === 'seen'
    ? { preview: look.preview, unseen: null }
    : { preview: null, unseen: { code: look.error.code, message: look.error.message } };
}

export function commitBody(view: StackView | null): CommitBody | null {
  return view === null ? null : { ...view.source.commit };
}

export function holdBody(hold: Hold): HoldBody {
  const { kind, why, since } = hold;
  const isFreeze = kind === 'freeze';
  return { kind, service: isFreeze ? null : hold.service, why, since, until: isFreeze ? hold.until : null };
}

/** A name from an address; what is no name is nothing that there could be. */
export function nameOrNull(text: string | undefined): Name | null {
  return text !== undefined && isName(text) ? text : null;
}
