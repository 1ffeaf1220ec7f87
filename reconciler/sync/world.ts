import type { HistoryConfig } from '../manifest/config-history.ts';
import type { Defaults } from '../manifest/defaults.ts';
import type { EngineChoice } from '../manifest/engine.ts';
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
  readonly notifier: Notifier;
  readonly sources: readonly FollowedSource[];
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

export interface FollowedSource {
  readonly source: Source;
  /** Where it is, for whoever is told that something happened there; null for an address that names no repository. */
  readonly repository: RepositoryIdentity | null;
  /** As the operator's file says it: `HEAD`, a plain name, `refs/…` or a full commit id. */
  readonly ref: string;
  readonly intervalMs: number;
  readonly engines: EngineChoice;
  readonly cache: ParseCache;
}
