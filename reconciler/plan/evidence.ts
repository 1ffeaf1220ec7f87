import type { Cause } from '../model/change.ts';
import type { ContainerIntent } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { SpecHash } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { StableService } from '../model/ports.ts';
import { isSame } from './difference.ts';
import type { WasSaid } from './grants.ts';

/** What is known of how a container came to be, against what is wanted of it now. */
export interface Evidence {
  /** The container was made from another definition than the wanted one. */
  readonly gitMoved: boolean;
  /** It certainly was: two hashes of different versions prove nothing. */
  readonly isCertain: boolean;
  /** The wanted definition has once been reached in full. */
  readonly reached: boolean;
  readonly wasSaid: WasSaid;
}

export interface Origin {
  readonly service: DesiredService;
  /** The last version of the service that was healthy, where one is recorded. */
  readonly stable: StableService | null;
}

export function evidenceOf({ specHash }: ObservedContainer, { service, stable }: Origin): Evidence {
  const before = stable !== null && stable.hash === specHash ? stable.definition : null;
  const canTell = before !== null || isSameVersion(specHash, service.hash);
  const gitMoved = isSameVersion(specHash, service.hash)
    ? specHash !== service.hash
    : before === null || !isSameDefinition(before, service);
  return {
    gitMoved,
    isCertain: gitMoved && canTell,
    reached: stable?.hash === service.hash,
    wasSaid: (read) => gitMoved && canTell && saidIn(before?.container ?? null, read),
  };
}

/** What a hash is made of. */
function isSameDefinition(left: DesiredService, right: DesiredService): boolean {
  return left.lifecycle === right.lifecycle && isSame(left.container, right.container);
}

/**
 * Why a field differs. What Docker cannot change of a container differs only if the container was made from another
 * definition, or not by us. What it can change may have been applied in place, which leaves the old hash on the label:
 * then a definition that was once reached in full proves that the world moved since.
 */
export function causeOfField(evidence: Evidence, canMove: boolean): Cause {
  const isDrift = !evidence.gitMoved || (canMove && evidence.reached);
  return { kind: isDrift ? 'drift' : 'commit' };
}

/** An instance that is not there was taken away if this definition was once reached with that many. */
export function causeOfAbsence({ service, stable }: Origin, number: number): Cause {
  const wasThere = stable !== null && stable.hash === service.hash && stable.definition.replicas >= number;
  return { kind: wasThere ? 'drift' : 'commit' };
}

/** One beyond the number that was ever complete was made by somebody else. */
export function causeOfExtra({ stable }: Origin, { instance }: ObservedContainer): Cause {
  return { kind: stable !== null && instance > stable.definition.replicas ? 'drift' : 'commit' };
}

/** Without the earlier definition we cannot tell, and must look at everything. */
function saidIn(before: ContainerIntent | null, read: (intent: ContainerIntent) => unknown): boolean {
  return before === null || read(before) !== undefined;
}

/** A hash of another version is no difference by itself; the label is refreshed when the container is next replaced. */
function isSameVersion(left: SpecHash | null, right: SpecHash): boolean {
  return left !== null && left.split(':')[0] === right.split(':')[0];
}
