import { SyncError } from '../model/error.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Target } from '../model/plan.ts';

/** By step: the id of the container that it made. */
export type MadeContainers = ReadonlyMap<string, string>;

/** A container that exists, or the one that an earlier step made. */
export function findTarget(
  { containers }: ObservedState,
  target: Target,
  made: MadeContainers,
): ObservedContainer {
  const id = target.kind === 'container' ? target.id : made.get(target.step);
  const found = containers.find((container) => container.id === id);
  if (found === undefined) {
    throw new SyncError('ContainerVanished', `Container ${target.name} is gone; the next plan will know.`);
  }
  return found;
}

export function refuseTakenName({ containers, strangers }: ObservedState, name: string): void {
  if (![...containers, ...strangers].some((container) => container.name === name)) return;
  throw new SyncError('NameTaken', `The name ${name} is taken; remove or rename the container that has it.`);
}
