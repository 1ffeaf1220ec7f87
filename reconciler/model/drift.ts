import type { Resource } from './change.ts';
import type { Name, Revision } from './ids.ts';
import type { Json } from './json.ts';

/**
 * How something moved without a commit, as far as it can be told. The first four are what a process does by itself,
 * the others are somebody's doing; `found` is what no event told of.
 */
export type DriftKind =
  | 'ended'
  | 'outOfMemory'
  | 'restartLoop'
  | 'unhealthy'
  | 'killed'
  | 'stopped'
  | 'paused'
  | 'removed'
  | 'renamed'
  | 'updated'
  | 'connected'
  | 'disconnected'
  | 'imageMoved'
  | 'remade'
  | 'copied'
  | 'nameTaken'
  | 'forged'
  | 'found';

/** One thing that is not as Git has it although Git did not move, seen at one look. */
export interface DriftSighting {
  readonly resource: Resource;
  /** The path of the change: `state`, `mem_limit`, `networks.shop_default.aliases`; or `presence`, `health`, `labels`. */
  readonly field: string;
  readonly kind: DriftKind;
  /** A finished clause: `killed with SIGKILL through the Docker API`. */
  readonly because: string;
  /** What is there, and what should be; null where that is nothing. */
  readonly found: Json;
  readonly wanted: Json;
  /** Milliseconds since the epoch: as the engine told it, or the time of the look. */
  readonly at: number;
}

/**
 * Why a drift is over. `healed`: a sync of ours put it right. `reverted`: it went away without us. `committed`: Git asks
 * for something else now. `tolerated`: the policy looks away. `overtaken`: another drift of the same thing took its place.
 */
export type DriftEnd = 'healed' | 'reverted' | 'committed' | 'tolerated' | 'overtaken';

/** A drift from its beginning to its end: one interval of one field of one thing. */
export interface DriftInterval extends Omit<DriftSighting, 'at'> {
  readonly stack: Name;
  /** What was wanted at the time. */
  readonly revision: Revision | null;
  /** When it moved, as far as that was told, and when we saw it. */
  readonly openedAt: number;
  readonly seenAt: number;
  readonly closedAt: number | null;
  readonly end: DriftEnd | null;
}

/** Which thing and which of its fields: at most one interval of a key is open in a stack. */
export function driftKey({ resource, field }: Pick<DriftSighting, 'resource' | 'field'>): string {
  return `${JSON.stringify(resource)} ${field}`;
}

/** The service that a drift belongs to, or null for networks and volumes. */
export function serviceOf(resource: Resource): Name | null {
  return 'service' in resource ? resource.service : null;
}

/** What a process does by itself, nobody interfering. */
export function isByItself(kind: DriftKind): boolean {
  return kind === 'ended' || kind === 'outOfMemory' || kind === 'restartLoop' || kind === 'unhealthy';
}
