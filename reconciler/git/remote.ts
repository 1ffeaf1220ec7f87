import type { AdvertisedRef } from './reference.ts';

export interface Timeouts {
  /** For one ref advertisement. */
  readonly pollMs: number;
  /** For one fetch. */
  readonly fetchMs: number;
  /** Between two signs of life of either. */
  readonly idleMs: number;
}

export const defaultTimeouts: Timeouts = { pollMs: 30_000, fetchMs: 600_000, idleMs: 60_000 };

/** A branch of our own that keeps the last complete revision; its commit is what we say we have. */
export const followedRef = 'refs/heads/followed';

/** A repository elsewhere, whatever carries its bytes. Every failure is a SyncError. */
export interface Remote {
  /** The refs of these full names that exist. Throws RefAdvertisementInvalid when the remote has no refs at all. */
  advertise(names: readonly string[], signal: AbortSignal): Promise<readonly AdvertisedRef[]>;
  /** Brings one commit's objects into a repository of ours, without its history. */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<void>;
}

export interface FetchRequest {
  readonly gitdir: string;
  /** Id of a commit or of an annotated tag. */
  readonly want: string;
  /** Bring every branch and tag with its history, for servers that give out no commit by its id. */
  readonly isWhole: boolean;
}
