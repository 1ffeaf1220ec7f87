import type { DeliveryStore } from './delivery.ts';
import type { DesiredService } from './desired.ts';
import type { DriftInterval } from './drift.ts';
import type {
  Commit,
  StepRecord,
  StopReason,
  SyncApproval,
  SyncEvent,
  SyncOutcome,
  SyncRecord,
  Trigger,
} from './event.ts';
import type { Name, Revision, SpecHash } from './ids.ts';
import type { News } from './news.ts';
import type { EngineInfo, ObservedState } from './observed.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import type { ForgeStore } from './review-record.ts';
import type { Hold, StackStatus } from './status.ts';

/** Milliseconds since the epoch, and waiting. The pure rooms get time only from here or as an argument. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`; rejects with SyncError `Cancelled` when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A followed repository. Every failure is a SyncError; an empty answer is never taken for an empty repository. */
export interface Source {
  readonly name: Name;
  /** One ref advertisement. */
  poll(signal: AbortSignal): Promise<Revision>;
  /** Makes the objects of the revision available (fetching if it must) and lists all files below the source's path. */
  read(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot>;
  /** The commit that any full ref name of the repository stands for, or null when it has no such ref. */
  resolve(ref: string, signal: AbortSignal): Promise<Revision | null>;
  /** As `read`, for a commit beside the followed one, such as a pull request's. What is followed stays as it is. */
  readBeside(revision: Revision, signal: AbortSignal): Promise<SourceSnapshot>;
  close(): Promise<void>;
}

/** A listing of files and the contents behind it: complete, or the read threw. */
export interface SourceTree {
  /** Sorted by path; paths are relative to the source's path. Directories are not listed. */
  readonly files: readonly SourceFile[];
  /**
   * Entries whose names cannot be told safely (not UTF-8, a backslash, a `..` or `.git` component) or which could
   * not be read. They are not in `files`: nothing may be concluded from absence in the directory of such a file.
   */
  readonly problems: readonly Problem[];
  /** Content of a regular file by object id; throws ObjectMissing. */
  readBlob(id: string): Promise<Uint8Array>;
}

/** One commit's files. */
export interface SourceSnapshot extends SourceTree {
  readonly commit: Commit;
  /** Of a merge: first the branch that was merged into. */
  readonly parents: readonly Revision[];
}

export interface SourceFile {
  readonly path: string;
  readonly id: string;
  /** Only `file` has content; the others are refused by whoever meets them in a stack. */
  readonly kind: 'file' | 'symlink' | 'submodule';
}

/** What the caller wants to know about beyond what is ours. */
export interface ObserveRequest {
  /** Image references whose presence matters. */
  readonly images: readonly string[];
  /** Of these, the ones whose digest the registry is asked for, because their tags are followed. */
  readonly freshImages: readonly FreshImage[];
  /**
   * What an unbroken event stream told since the last complete look is enough. Otherwise everything is listed anew,
   * which an engine with thousands of containers feels.
   */
  readonly mayRecall?: boolean;
}

export interface FreshImage {
  readonly reference: string;
  /** An earlier answer is good for so long, and so is a pull; 0 asks in any case. */
  readonly maxAgeMs: number;
}

export interface Engine {
  info(signal: AbortSignal): Promise<EngineInfo>;
  observe(request: ObserveRequest, signal: AbortSignal): Promise<ObservedState>;
  /**
   * Walks the plan. Yields events in order and ends; a failed step skips what depends on it and lets the rest go on.
   * After an abort no step is begun, running ones are finished within their deadlines, the rest is skipped.
   */
  apply(plan: Plan, options: ApplyOptions): AsyncIterable<SyncEvent>;
  /** Calls `onHint` when something of ours may have moved. Hints may be lost; returns when the signal aborts. */
  watch(onHint: (stack: Name) => void, signal: AbortSignal): Promise<void>;
  /** What was written, changed or removed in a container since it was made, by path. Shown to people, never acted upon. */
  changedFiles(containerId: string, signal: AbortSignal): Promise<readonly ChangedFile[]>;
  /** How well the engine's events are heard at this moment. */
  hearing(): EngineHearing;
  close(): Promise<void>;
}

export interface ChangedFile {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'removed';
}

export interface EngineHearing {
  /** The event stream is open. */
  readonly isLive: boolean;
  /** How often the engine was found to have left something out. */
  readonly gaps: number;
  /** How often a look found changed what no event had told of. */
  readonly corrections: number;
}

export interface ApplyOptions {
  /** Content of config files by `sha256:…` digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal;
}

/** A stack that wants to be looked at, leased to one worker. */
export interface Lease {
  readonly stack: Name;
  readonly owner: string;
  /** The generation that the holder works for. */
  readonly generation: number;
  readonly trigger: Trigger;
  /** Finding codes that were accepted for this attempt. */
  readonly approvals: readonly string[];
  /** What the holder was told since it took the lease. */
  readonly stop: StopReason | null;
  readonly expiresAt: number;
  /** Counts the leases of the stack, so that a holder that was presumed dead cannot pass for its successor. */
  readonly number: number;
}

/** Durable truth: generations, leases, history. Times are milliseconds since the epoch and given by the caller. */
export interface Store extends DeliveryStore, ForgeStore {
  /** Frees the stacks of sources that are no longer followed, so that another source may claim their names. */
  followSources(sources: readonly Name[]): Promise<void>;
  /**
   * Makes stacks of a source known; those no longer in it keep their rows and are returned as `absent` until they
   * own nothing any more (an empty inventory was recorded). Throws NameTaken, and registers none, when another
   * followed source has a stack of that name.
   */
  registerStacks(source: Name, stacks: readonly Name[]): Promise<Registration>;
  /** The source has brought the stack to its line: nothing of it is a former source's any more. */
  settleStack(stack: Name, source: Name): Promise<void>;
  /** Every stack that is more than history, sorted by name. */
  knownStacks(): Promise<readonly KnownStack[]>;
  /** What was last found at each source, by anybody. */
  heads(): Promise<ReadonlyMap<Name, Head>>;
  /**
   * Records that a source has another revision than it had, and asks for a sync of the stacks that this concerns, in
   * one: whoever is asked finds the revision. Where it is another one, running syncs of these stacks are told that they
   * are superseded. False, and nothing is written, when somebody else recorded one since.
   */
  recordHead(record: HeadRecord): Promise<boolean>;
  /**
   * "Look at this stack again." Returns the new generation. Unknown stacks are ignored (null). Approvals count for the
   * next attempt, together with those of other requests that it answers.
   */
  requestSync(stack: Name, wish: Trigger | Wish, at: number): Promise<number | null>;
  /** Tells whoever syncs the stack now to stop. False when nobody does. */
  requestStop(stack: Name, reason: StopReason, at: number): Promise<boolean>;
  /** A number that stands still says that nobody began on the stack meanwhile. */
  leaseStates(stacks: readonly Name[], at: number): Promise<ReadonlyMap<Name, LeaseState>>;
  /**
   * Leases a stack whose requested generation is newer than its observed one and which is due: the one asked for, or
   * any. Null when none is. An expired lease is free.
   */
  lease(request: LeaseRequest): Promise<Lease | null>;
  /** Throws LeaseLost when somebody else has it. */
  renewLease(lease: Lease, ttlMs: number, at: number): Promise<Lease>;
  /**
   * Writes back the generation; the stack is due again at `retryAt`, or only when asked for when null. Throws
   * LeaseLost, and writes nothing, when somebody else has it.
   */
  releaseLease(lease: Lease, retryAt: number | null): Promise<void>;
  /** Ends every lease. Only for whoever knows that nobody else can hold one: the new owner of a private database. */
  endLeases(at: number): Promise<void>;
  /** Stacks that `lease` would give at this time, those that waited longest first. */
  dueStacks(at: number): Promise<readonly Name[]>;
  /** When the next stack becomes due (a retry, or the end of somebody's lease), or null. */
  nextDueAt(): Promise<number | null>;

  /** Records the attempt's beginning and returns its id; earlier unfinished attempts of the stack become `interrupted`. */
  beginSync(begin: SyncBegin): Promise<string>;
  recordPlan(syncId: string, plan: Plan): Promise<void>;
  /** Who accepted which of its findings. */
  recordApprovals(syncId: string, approvals: readonly SyncApproval[]): Promise<void>;
  /** This and `finishSync` throw LeaseLost when the attempt has ended already: a successor called it interrupted. */
  recordEvent(syncId: string, event: SyncEvent): Promise<void>;
  finishSync(syncId: string, finish: SyncFinish): Promise<void>;
  /** Newest first. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  sync(syncId: string): Promise<SyncRecord | null>;
  /**
   * Removes attempts that ended before, oldest first, and with them their plans, steps and events; never one that runs,
   * one of the newest of its stack, or the stack's last success. Also what holds were lifted before. Returns how many
   * attempts it removed: fewer than `most` when no more are left.
   */
  dropHistory(bounds: HistoryBounds): Promise<number>;
  /** What happened in an attempt, in order. */
  events(syncId: string): Promise<readonly SyncEvent[]>;
  /** Outcomes of the latest attempts of a stack, newest first: the input of back-off. */
  recentOutcomes(stack: Name, limit: number): Promise<readonly RecentOutcome[]>;

  /** Of these stacks, or of all. */
  statuses(stacks?: readonly Name[]): Promise<readonly StackStatus[]>;
  recordStatus(status: StackStatus): Promise<void>;

  /** What we own in a stack, so that prune is inventory minus manifests. */
  inventory(stack: Name): Promise<readonly InventoryItem[]>;
  recordInventory(stack: Name, items: readonly InventoryItem[], at: number): Promise<void>;

  holds(stack: Name): Promise<readonly Hold[]>;
  recordHold(hold: Hold): Promise<void>;
  /** Lifts the freeze of a stack, or a service's rejected hash. Returns how many were lifted. */
  liftHold(
    stack: Name,
    which: { readonly kind: Hold['kind']; readonly service?: Name },
    at: number,
  ): Promise<number>;

  /** What moved without a commit, newest first. */
  drift(query: DriftQuery): Promise<readonly DriftInterval[]>;
  /** Of every stack, oldest first. */
  openDrift(): Promise<readonly DriftInterval[]>;
  /** Of every stack, what we healed since then, oldest first. */
  healedDrift(since: number): Promise<readonly DriftInterval[]>;
  /** Opens, continues or closes the interval of each one's field. */
  recordDrift(intervals: readonly DriftInterval[]): Promise<void>;

  /** The last version of each service that was healthy for its time: what a failed rollout returns to. */
  stableServices(stack: Name): Promise<readonly StableService[]>;
  recordStable(stack: Name, services: readonly StableService[], at: number): Promise<void>;
  /** Config file contents by digest, kept so that a return to a stable version never needs an old commit. */
  recordContents(contents: ReadonlyMap<string, Uint8Array>): Promise<void>;
  contents(digests: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;

  /** Tells what is written, by whichever process, until the signal aborts. `missed` comes first, and after each gap. */
  watch(onNews: (news: News) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A request of a person who has accepted findings. */
export interface Wish {
  readonly trigger: Trigger;
  /** Finding codes. */
  readonly approvals: readonly string[];
}

export interface Head {
  readonly revision: Revision;
  /** Counts the changes. */
  readonly number: number;
}

export interface HeadRecord {
  readonly source: Name;
  readonly revision: Revision;
  /** The number of the head that was known when the look began; 0 for none. */
  readonly after: number;
  readonly stacks: readonly Name[];
  readonly trigger: Trigger;
  readonly at: number;
}

export interface LeaseState {
  readonly number: number;
  readonly isHeld: boolean;
}

/** What became of a source's stacks when it was read. */
export interface Registration {
  readonly absent: readonly Name[];
  /** Stacks that another source settled last, and this one has not yet; by stack, that other source. */
  readonly taken: ReadonlyMap<Name, Name>;
}

export interface KnownStack {
  readonly name: Name;
  readonly source: Name;
  /** The source that brought it to its line last; the first one until any has. */
  readonly settledSource: Name;
  /** False once the source is no longer followed: another source may then claim the name. */
  readonly isFollowed: boolean;
  /** False once it left its source. */
  readonly isPresent: boolean;
  /** When it is due, as for another attempt after a failure; null where nothing is asked for. */
  readonly dueAt: number | null;
}

export interface LeaseRequest {
  readonly owner: string;
  readonly ttlMs: number;
  readonly at: number;
  readonly stack?: Name;
}

export interface SyncBegin {
  readonly stack: Name;
  readonly trigger: Trigger;
  readonly from: Revision | null;
  readonly to: Commit | null;
  readonly at: number;
}

export interface SyncFinish {
  readonly outcome: SyncOutcome;
  readonly summary: string;
  readonly error: SyncRecord['error'];
  readonly problems: SyncRecord['problems'];
  readonly steps: readonly StepRecord[];
  readonly to: Commit | null;
  readonly at: number;
}

export interface HistoryQuery {
  readonly stack?: Name;
  readonly service?: Name;
  readonly outcome?: SyncOutcome;
  readonly limit: number;
  /** From a previous page. */
  readonly cursor?: string;
}

export interface DriftQuery {
  readonly stack?: Name;
  readonly service?: Name;
  /** Only what was open then or later. */
  readonly since?: number;
  readonly limit: number;
}

export interface HistoryPage {
  /** Plans and steps included. */
  readonly syncs: readonly SyncRecord[];
  readonly next: string | null;
}

export interface HistoryBounds {
  readonly before: number;
  /** Of each stack. */
  readonly keepAtLeast: number;
  /** In this call. */
  readonly most: number;
}

export interface RecentOutcome {
  readonly outcome: SyncOutcome;
  readonly to: Revision | null;
  readonly errorCode: string | null;
  readonly finishedAt: number;
}

export interface InventoryItem {
  /** Where it is. */
  readonly engine: Name;
  readonly kind: 'service' | 'network' | 'volume';
  readonly name: Name;
  readonly engineName: string;
  /** The digest of its definition when it was last in place; absent where that never was, or is not known. */
  readonly definition?: string;
}

export interface StableService {
  readonly service: Name;
  readonly hash: SpecHash;
  readonly revision: Revision | null;
  readonly definition: DesiredService;
  /** Image digest it ran with, or null where the image has none. */
  readonly digest: string | null;
}

/** "Look": an in-process or networked wake-up. It carries keys, never truth. */
export interface Queue {
  /** At most one waiting per key. */
  enqueue(key: string): Promise<void>;
  /** Runs `work` for each key, at most `concurrency` at once and never two of one key; returns when the signal aborts and running work has ended. */
  consume(work: (key: string, signal: AbortSignal) => Promise<void>, options: ConsumeOptions): Promise<void>;
  close(): Promise<void>;
}

export interface ConsumeOptions {
  readonly concurrency: number;
  readonly signal: AbortSignal;
}
