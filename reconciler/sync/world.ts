import type { HistoryConfig } from '../manifest/config-history.ts';
import type { Defaults } from '../manifest/defaults.ts';
import type { EngineChoice } from '../manifest/engine.ts';
import type { Forge } from '../model/forge.ts';
import type { Name } from '../model/ids.ts';
import type { MissedDeliveries } from '../model/missed.ts';
import type { Notifier } from '../model/notice.ts';
import type { Clock, Queue, Source, Store } from '../model/ports.ts';
import type { RepositoryIdentity } from '../model/repository.ts';
import type { Policy } from '../plan/policy.ts';
import type { Alarms } from './alarms.ts';
import type { DriftBook } from './drift-book.ts';
import type { Engines } from './engines.ts';
import type { Heads } from './heads.ts';
import type { ParseCache } from './load.ts';
import type { NewsFeed } from './news.ts';
import type { Running } from './running.ts';
import type { Statuses } from './status.ts';
import type { InTurn } from './turn.ts';
import type { Views } from './view.ts';
import type { Wakes } from './wakes.ts';

/** Everything that a use case needs from outside, connected by the composition root. */
export interface World {
  readonly clock: Clock;
  readonly engines: Engines;
  readonly store: Store;
  /** Stacks that want a sync. */
  readonly queue: Queue;
  /** Stacks that something may have happened to. */
  readonly hints: Queue;
  /** What is to be said at forges. */
  readonly forgeWork: Queue;
  readonly notifier: Notifier;
  /** By source: where its pull requests are, if anywhere. */
  readonly forges: ReadonlyMap<Name, ConnectedForge>;
  /** What forges remember of webhooks that did not arrive. */
  readonly missed: readonly MissedDeliveries[];
  readonly sources: readonly FollowedSource[];
  /** What the operator calls this installation; a reviewer may see several. */
  readonly installation: Name;
  readonly policy: Policy;
  /** The operator's, for what the manifests leave open. */
  readonly defaults: Defaults;
  readonly retention: HistoryConfig;
  /** Unique to this process; names the holder of a lease. */
  readonly owner: string;
  readonly views: Views;
  readonly heads: Heads;
  /** What other processes write, as long as the daemon's loops run. */
  readonly news: NewsFeed;
  readonly statuses: Statuses;
  readonly drift: DriftBook;
  readonly alarms: Alarms;
  readonly running: Running;
  readonly wakes: Wakes;
}

/** A source's repository at its forge, and what the operator wants said there. */
export interface ConnectedForge {
  readonly forge: Forge;
  /** Directory of the repository that the source reads; `''` is the root. */
  readonly path: string;
  readonly reviews: boolean;
  readonly statuses: boolean;
  readonly labels: boolean;
  readonly deployments: boolean;
  readonly intervalMs: number;
}

export interface FollowedSource {
  readonly source: Source;
  /** Where it is, for whoever is told that something happened there; null for an address that names no repository. */
  readonly repository: RepositoryIdentity | null;
  /** As the operator's file says it: `HEAD`, a plain name, `refs/…` or a full commit id. */
  readonly ref: string;
  readonly intervalMs: number;
  readonly engines: EngineChoice;
  readonly cache: ParseCache;
  /** Looks follow each other: what one has read, the next finds. */
  readonly inTurn: InTurn;
}
