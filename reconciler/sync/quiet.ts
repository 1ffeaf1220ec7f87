import type { DesiredStack } from '../model/desired.ts';
import type { Name, Revision } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { LeaseState, ObserveRequest } from '../model/ports.ts';
import { enginesLeft } from './left.ts';
import { imagesOf, type Preview } from './preview.ts';
import { takeoverOf } from './takeover.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/**
 * A stack of which the last look found nothing to say. While Git asks for the same, nobody synced it and the engine is the
 * very same picture, another look would find nothing either: most of what a pass over ten thousand services would think is
 * thought already.
 */
interface Quiet {
  readonly revision: Revision;
  readonly isComplete: boolean;
  /** Of the last lease: whatever is recorded of a stack is recorded under one. */
  readonly leaseNumber: number;
  readonly request: ObserveRequest;
  readonly observed: Observed;
}

type Observed = Pick<
  ObservedState,
  'containers' | 'strangers' | 'networks' | 'volumes' | 'images' | 'unread'
>;

/** What was found of each desired stack by the last look at it. */
const found = new WeakMap<World, WeakMap<DesiredStack, Quiet>>();

export interface QuietStack {
  readonly stack: Name;
  readonly view: StackView;
  /** What has to be asked of the engine to know that it still is. */
  readonly request: ObserveRequest;
  isStill(observed: ObservedState): boolean;
}

/** Null where there is something to think about. */
export function findQuiet(world: World, stack: Name, lease: LeaseState | undefined): QuietStack | null {
  const view = world.views.stack(stack);
  const desired = view?.loaded?.desired ?? null;
  if (view === null || desired === null) return null;
  const quiet = found.get(world)?.get(desired);
  if (quiet === undefined || quiet.leaseNumber !== lease?.number) return null;
  if (quiet.revision !== view.source.commit.revision || quiet.isComplete !== isComplete(view)) return null;
  const isStill = (observed: ObservedState): boolean =>
    isSamePicture(quiet.observed, observed, quiet.request);
  return { stack, view, request: quiet.request, isStill };
}

/** To be told of each look that found a stack without a lease. */
export function noteLook(
  world: World,
  { intent, observed, plan }: Preview,
  lease: LeaseState | undefined,
): void {
  const { desired, view, holds } = intent;
  const known = found.get(world) ?? new WeakMap<DesiredStack, Quiet>();
  found.set(world, known);
  const request = imagesOf([intent], 'now and then');
  const isNothing =
    plan.changes.length === 0 &&
    plan.steps.length === 0 &&
    plan.findings.length === 0 &&
    plan.decisions.every(({ verdict }) => verdict === 'unchanged') &&
    holds.length === 0 &&
    request.freshImages.length === 0 &&
    enginesLeft(intent).length === 0 &&
    takeoverOf(intent.stack, view) === null;
  if (!isNothing || lease === undefined) return forgetLook(world, desired);
  const { containers, strangers, networks, volumes, images, unread } = observed;
  known.set(desired, {
    revision: view.source.commit.revision,
    isComplete: isComplete(view),
    leaseNumber: lease.number,
    request,
    observed: { containers, strangers, networks, volumes, images, unread },
  });
}

/** Nobody knows how it is now: the next look thinks for itself. */
export function forgetLook(world: World, desired: DesiredStack): void {
  found.get(world)?.delete(desired);
}

function isComplete({ source }: StackView): boolean {
  return source.problems.length === 0;
}

function isSamePicture(before: Observed, now: Observed, { images }: ObserveRequest): boolean {
  return (
    now.containers === before.containers &&
    now.strangers === before.strangers &&
    now.networks === before.networks &&
    now.volumes === before.volumes &&
    now.unread.length === 0 &&
    images.every((reference) => now.images[reference] === before.images[reference])
  );
}
