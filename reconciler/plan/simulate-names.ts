import { SyncError } from '../model/error.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Target } from '../model/plan.ts';

/** A container that exists, or the one that an earlier step made under this name. */
export function findTarget({ containers }: ObservedState, target: Target): ObservedContainer {
  const found = containers.find(({ id, name }) =>
    target.kind === 'container' ? id === target.id : name === target.name,
  );
  if (found === undefined) {
    throw new SyncError('ContainerVanished', `Container ${target.name} is gone; the next plan will know.`);
  }
  return found;
}

export function refuseTakenName({ containers, strangers }: ObservedState, name: string): void {
  if (![...containers, ...strangers].some((container) => container.name === name)) return;
  throw new SyncError('NameTaken', `The name ${name} is taken; remove or rename the container that has it.`);
}
