// Generated from schemas/api.schema.json by `npm run generate`. Change the schema instead.

/**
 * What it is about.
 */
export type Resource = string;

/**
 * Every body that the read-only API answers, by the name of its route.
 */
export interface Api {
  overview?: OverviewBody;
  stacks?: StackPage;
  stack?: StackBody;
  services?: ServicePage;
  service?: ServiceBody;
  syncs?: SyncPage;
  sync?: SyncBody;
  drift?: DriftPage;
  reviews?: ReviewPage;
  deliveries?: DeliveryPage;
  system?: SystemBody;
  search?: SearchPage;
  live?: LiveBody;
  error?: ErrorBody;
}
/**
 * The one line that says the truth, as numbers.
 */
export interface OverviewBody {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * How many stacks.
   */
  stacks: number;
  /**
   * How many services.
   */
  services: number;
  /**
   * Services that are as Git has them.
   */
  synced: number;
  /**
   * Services that are not.
   */
  outOfSync: number;
  /**
   * Services of which nobody can say.
   */
  unknown: number;
  /**
   * Services that do not run well.
   */
  unhealthy: number;
  /**
   * The oldest time at which a stack was last compared, in milliseconds since the epoch
   */
  checkedAt: number | null;
  /**
   * What is followed.
   */
  sources: FollowedBody[];
}
/**
 * What is followed.
 */
export interface FollowedBody {
  /**
   * Its name.
   */
  source: string;
  /**
   * The commit.
   */
  revision: string | null;
}
/**
 * GET /api/stacks
 */
export interface StackPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: StackStateBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * A stack at a glance.
 */
export interface StackStateBody {
  /**
   * Its name.
   */
  stack: string;
  /**
   * Where its manifests come from.
   */
  source: string;
  /**
   * Where it runs; null while its manifests could not be read.
   */
  engine: string | null;
  /**
   * Whether what runs is what Git has
   */
  syncStatus: 'synced' | 'outOfSync' | 'unknown';
  /**
   * How well it runs
   */
  health: 'healthy' | 'progressing' | 'suspended' | 'degraded' | 'missing' | 'unknown';
  /**
   * The last commit that was read for it.
   */
  revision: string | null;
  /**
   * The last commit that was applied with success.
   */
  syncedRevision: string | null;
  /**
   * How many services it has.
   */
  services: number;
  /**
   * How many of them are as Git has them.
   */
  servicesSynced: number;
  /**
   * How many of them run well.
   */
  servicesHealthy: number;
  /**
   * Stable code of its Ready condition.
   */
  reason: string;
  /**
   * Its Ready condition for people.
   */
  message: string;
  /**
   * Since when it is so, in milliseconds since the epoch
   */
  since: number | null;
  /**
   * A sync of it runs now.
   */
  isRunning: boolean;
  /**
   * How its last attempt ended.
   */
  lastOutcome:
    | 'unchanged'
    | 'succeeded'
    | 'partial'
    | 'failed'
    | 'waiting'
    | 'denied'
    | 'invalid'
    | 'unknown'
    | 'superseded'
    | 'cancelled'
    | 'interrupted'
    | null;
  /**
   * When it was last compared, in milliseconds since the epoch
   */
  lastCheckedAt: number | null;
  /**
   * When it was last brought to its line, in milliseconds since the epoch
   */
  lastSyncedAt: number | null;
}
/**
 * A stack in full.
 */
export interface StackBody {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  state: StackStateBody;
  /**
   * The commit that is followed now.
   */
  commit: CommitBody | null;
  /**
   * What is the case.
   */
  conditions: ConditionBody[];
  /**
   * In force now.
   */
  holds: HoldBody[];
  /**
   * Mistakes in its manifests.
   */
  problems: ProblemBody[];
  /**
   * Its services.
   */
  services: ServiceStateBody[];
  /**
   * Who depends on whom.
   */
  dependencies: EdgeBody[];
  /**
   * Who talks to whom.
   */
  networks: NetworkUseBody[];
  /**
   * What a sync would do now; null where that cannot be said.
   */
  plan: PlanBody | null;
  /**
   * Why its engine could not be looked at.
   */
  unseen: FailureBody | null;
}
/**
 * A commit.
 */
export interface CommitBody {
  /**
   * Full commit id.
   */
  revision: string;
  /**
   * Who wrote it.
   */
  author: string;
  /**
   * Its whole message.
   */
  message: string;
  /**
   * When it was made, in milliseconds since the epoch
   */
  committedAt: number;
}
/**
 * In the shape of Kubernetes: `reason` is a stable code.
 */
export interface ConditionBody {
  /**
   * Which question it answers.
   */
  type: 'Ready' | 'Reconciling' | 'Stalled';
  /**
   * The answer.
   */
  status: boolean;
  /**
   * Stable code.
   */
  reason: string;
  /**
   * For people.
   */
  message: string;
  /**
   * When the answer or its reason last changed, in milliseconds since the epoch
   */
  since: number;
}
/**
 * A recorded decision not to apply.
 */
export interface HoldBody {
  /**
   * A rejected version of a service, or a freeze of the stack.
   */
  kind: 'rejected' | 'freeze';
  /**
   * The service; null for a freeze.
   */
  service: string | null;
  /**
   * The reason.
   */
  why: string;
  /**
   * When it began, in milliseconds since the epoch
   */
  since: number;
  /**
   * When a freeze ends by itself, in milliseconds since the epoch
   */
  until: number | null;
}
/**
 * A person's mistake in a manifest, with its place.
 */
export interface ProblemBody {
  /**
   * Stable code of the kind of mistake.
   */
  code: string;
  /**
   * Path inside the source.
   */
  file: string;
  /**
   * From 1.
   */
  line: number;
  /**
   * From 1.
   */
  column: number;
  /**
   * Path inside the document; empty for all of it.
   */
  path: string;
  /**
   * What is wrong and what to do.
   */
  message: string;
}
/**
 * A service at a glance.
 */
export interface ServiceStateBody {
  /**
   * Its stack.
   */
  stack: string;
  /**
   * Its name.
   */
  service: string;
  /**
   * Who answers for it, as its manifest says.
   */
  owner: string | null;
  /**
   * The image that it should run.
   */
  image: string;
  /**
   * Whether what runs is what Git has
   */
  syncStatus: 'synced' | 'outOfSync' | 'unknown';
  /**
   * How well it runs
   */
  health: 'healthy' | 'progressing' | 'suspended' | 'degraded' | 'missing' | 'unknown';
  /**
   * How many should run.
   */
  replicas: number;
  /**
   * How many run well.
   */
  ready: number;
  /**
   * Why it is not synced or is held; else empty.
   */
  because: string;
  /**
   * When it was last compared, in milliseconds since the epoch
   */
  checkedAt: number | null;
}
/**
 * One service depends on another.
 */
export interface EdgeBody {
  /**
   * Who depends.
   */
  service: string;
  /**
   * On whom.
   */
  on: string;
  /**
   * What must be the case first.
   */
  condition: string;
}
/**
 * Who is on a network.
 */
export interface NetworkUseBody {
  /**
   * Its name in the manifest.
   */
  network: string;
  /**
   * Services on it.
   */
  services: string[];
}
/**
 * What would be done, or was.
 */
export interface PlanBody {
  /**
   * The commit that it is made for.
   */
  revision: string | null;
  /**
   * Field by field.
   */
  changes: ChangeBody[];
  /**
   * Risks.
   */
  findings: FindingBody[];
  /**
   * One for each resource.
   */
  decisions: DecisionBody[];
  /**
   * In order.
   */
  steps: StepBody[];
}
/**
 * One difference between what should be and what is.
 */
export interface ChangeBody {
  /**
   * What would be done.
   */
  kind: 'add' | 'remove' | 'modify';
  resource: Resource;
  /**
   * The service that it belongs to.
   */
  service: string | null;
  /**
   * What applying it does to what runs.
   */
  class: 'create' | 'inPlace' | 'rolling' | 'recreate' | 'delete' | 'dataLoss';
  cause: CauseBody;
  /**
   * The field; null for the whole.
   */
  path: string | null;
  /**
   * What is there. Any JSON value; null where there is none.
   */
  from: unknown;
  /**
   * What should be there. Any JSON value; null where there is none.
   */
  to: unknown;
}
/**
 * Why there is a difference.
 */
export interface CauseBody {
  /**
   * Git moved, the world moved, or something that it depends on did.
   */
  kind: 'commit' | 'drift' | 'image' | 'dependency' | 'unfinished';
  /**
   * The service that it depends on.
   */
  service: string | null;
}
/**
 * A risk of a plan, with a stable code.
 */
export interface FindingBody {
  /**
   * Stable code.
   */
  code: string;
  /**
   * Shown, or stopping until accepted, or refused.
   */
  level: 'info' | 'warn' | 'approve' | 'deny';
  resource: Resource;
  /**
   * What.
   */
  message: string;
  /**
   * What to do.
   */
  remedy: string;
}
/**
 * What is done with one resource, and why.
 */
export interface DecisionBody {
  resource: Resource;
  /**
   * What is done.
   */
  verdict:
    | 'create'
    | 'inPlace'
    | 'rolling'
    | 'recreate'
    | 'delete'
    | 'dataLoss'
    | 'unchanged'
    | 'held'
    | 'ignored'
    | 'blocked';
  /**
   * A clause without the name.
   */
  because: string;
  /**
   * Why it is away for a while; null where it is not.
   */
  downtime: string | null;
}
/**
 * One step of a plan, and what came of it.
 */
export interface StepBody {
  /**
   * Readable, unique in the plan.
   */
  id: string;
  /**
   * Steps that come first.
   */
  after: string[];
  resource: Resource;
  /**
   * The kind of call.
   */
  operation: string;
  /**
   * Why.
   */
  because: string;
  /**
   * How far it came; null before anything was applied.
   */
  status: 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | null;
  /**
   * When it began, in milliseconds since the epoch
   */
  startedAt: number | null;
  /**
   * When it ended, in milliseconds since the epoch
   */
  finishedAt: number | null;
  /**
   * Why it failed.
   */
  error: FailureBody | null;
  /**
   * Why it was skipped; else empty.
   */
  reason: string;
  /**
   * Of a pulled image.
   */
  digest: string | null;
}
/**
 * What went wrong in the world.
 */
export interface FailureBody {
  /**
   * Stable code.
   */
  code: string;
  /**
   * A finished sentence.
   */
  message: string;
}
/**
 * GET /api/services
 */
export interface ServicePage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: ServiceStateBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * A service in full.
 */
export interface ServiceBody {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  state: ServiceStateBody;
  /**
   * The commit that is followed now.
   */
  commit: CommitBody | null;
  /**
   * Its manifest, inside the source.
   */
  file: string | null;
  /**
   * What its manifest comes to, field by field, without values of secrets.
   */
  desired: {
    [k: string]: unknown | undefined;
  };
  /**
   * What differs.
   */
  differs: FieldBody[];
  /**
   * Its containers.
   */
  instances: InstanceBody[];
  /**
   * In force now.
   */
  holds: HoldBody[];
  /**
   * Why its engine could not be looked at.
   */
  unseen: FailureBody | null;
}
/**
 * One field of a service: what should be, and what is in each instance.
 */
export interface FieldBody {
  /**
   * Path below `spec`.
   */
  path: string;
  /**
   * What should be. Any JSON value; null where there is none.
   */
  desired: unknown;
  /**
   * Those that differ.
   */
  observed: ObservedFieldBody[];
  cause: CauseBody;
  /**
   * What healing it does.
   */
  class: 'create' | 'inPlace' | 'rolling' | 'recreate' | 'delete' | 'dataLoss';
}
/**
 * What one instance has.
 */
export interface ObservedFieldBody {
  /**
   * Its name on the engine.
   */
  instance: string;
  /**
   * What is there. Any JSON value; null where there is none.
   */
  value: unknown;
}
/**
 * One container of a service.
 */
export interface InstanceBody {
  /**
   * Full container id.
   */
  id: string;
  /**
   * Its name on the engine.
   */
  name: string;
  /**
   * Its place among the replicas.
   */
  number: number;
  /**
   * As the engine says it.
   */
  state: string;
  /**
   * Of its healthcheck.
   */
  health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /**
   * Where it has ended.
   */
  exitCode: number | null;
  /**
   * How often the engine restarted it.
   */
  restarts: number;
  /**
   * When it was made, in milliseconds since the epoch
   */
  createdAt: number;
  /**
   * When its process began, in milliseconds since the epoch
   */
  startedAt: number | null;
  /**
   * What it runs.
   */
  image: string;
  /**
   * Id of the image.
   */
  imageId: string;
  /**
   * Names of the image by digest.
   */
  digests: string[];
  /**
   * The commit that it was made for.
   */
  revision: string | null;
}
/**
 * GET /api/syncs
 */
export interface SyncPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: SyncStateBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * One attempt to bring a stack to its line, at a glance.
 */
export interface SyncStateBody {
  /**
   * Its id.
   */
  id: string;
  /**
   * The stack.
   */
  stack: string;
  /**
   * What made us look.
   */
  trigger: 'start' | 'poll' | 'webhook' | 'event' | 'sweep' | 'manual' | 'retry' | 'dependency' | 'rollback';
  /**
   * How it ended; null while it runs.
   */
  outcome:
    | 'unchanged'
    | 'succeeded'
    | 'partial'
    | 'failed'
    | 'waiting'
    | 'denied'
    | 'invalid'
    | 'unknown'
    | 'superseded'
    | 'cancelled'
    | 'interrupted'
    | null;
  /**
   * For people.
   */
  summary: string;
  /**
   * What it failed with.
   */
  error: FailureBody | null;
  /**
   * The commit before.
   */
  from: string | null;
  /**
   * The commit that it was for.
   */
  to: CommitBody | null;
  /**
   * Services that it did something to.
   */
  services: string[];
  /**
   * When it began, in milliseconds since the epoch
   */
  startedAt: number;
  /**
   * When it ended, in milliseconds since the epoch
   */
  finishedAt: number | null;
}
/**
 * One attempt in full.
 */
export interface SyncBody {
  state: SyncStateBody;
  /**
   * Mistakes in the manifests.
   */
  problems: ProblemBody[];
  /**
   * The plan as it was.
   */
  plan: PlanBody | null;
  /**
   * In order.
   */
  events: SyncEventBody[];
}
/**
 * What happened in it.
 */
export interface SyncEventBody {
  /**
   * When, in milliseconds since the epoch
   */
  at: number;
  /**
   * The step.
   */
  step: string;
  /**
   * What.
   */
  kind: string;
  /**
   * For people.
   */
  message: string;
}
/**
 * GET /api/drift
 */
export interface DriftPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: DriftBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * One field of one thing that moved without a commit, from its beginning to its end.
 */
export interface DriftBody {
  /**
   * The stack.
   */
  stack: string;
  /**
   * The service; null for a network or a volume.
   */
  service: string | null;
  resource: Resource;
  /**
   * Which of its fields.
   */
  field: string;
  /**
   * How it moved, as a stable code.
   */
  kind: string;
  /**
   * A clause for people.
   */
  because: string;
  /**
   * What was there. Any JSON value; null where there is none.
   */
  found: unknown;
  /**
   * What should have been there. Any JSON value; null where there is none.
   */
  wanted: unknown;
  /**
   * What was wanted at the time.
   */
  revision: string | null;
  /**
   * When it moved, as far as that was told, in milliseconds since the epoch
   */
  openedAt: number;
  /**
   * When we saw it, in milliseconds since the epoch
   */
  seenAt: number;
  /**
   * When it was over, in milliseconds since the epoch
   */
  closedAt: number | null;
  /**
   * Why it is over; null while it is not.
   */
  end: 'healed' | 'reverted' | 'committed' | 'tolerated' | 'overtaken' | null;
}
/**
 * GET /api/reviews
 */
export interface ReviewPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: ReviewBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * What was said on one pull request.
 */
export interface ReviewBody {
  /**
   * The source whose branch it is for.
   */
  source: string;
  /**
   * Its number at the forge.
   */
  number: number;
  /**
   * Where it is.
   */
  url: string;
  /**
   * Open and for the branch that is followed; or merged, closed, or for another branch.
   */
  state: 'open' | 'merged' | 'closed' | 'unrelated';
  /**
   * What was reviewed last.
   */
  head: string | null;
  /**
   * The summary line of what was said; empty before.
   */
  title: string;
  /**
   * What it means; null before the first review.
   */
  conclusion: 'success' | 'neutral' | 'actionRequired' | 'failure' | null;
  /**
   * Risks that were shown.
   */
  findings: ReviewFindingBody[];
  /**
   * Risks that somebody accepted.
   */
  approvals: ReviewApprovalBody[];
  /**
   * Where the comment is.
   */
  comment: string | null;
  /**
   * When it was last looked at, in milliseconds since the epoch
   */
  checkedAt: number;
  /**
   * Why it could not be said.
   */
  error: FailureBody | null;
}
/**
 * A risk that was shown.
 */
export interface ReviewFindingBody {
  /**
   * Its stack.
   */
  stack: string;
  /**
   * Stable code.
   */
  code: string;
  resource: Resource;
}
/**
 * A risk that somebody accepted.
 */
export interface ReviewApprovalBody {
  /**
   * Its stack.
   */
  stack: string;
  /**
   * Stable code.
   */
  code: string;
  /**
   * Who.
   */
  by: string;
}
/**
 * GET /api/deliveries
 */
export interface DeliveryPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: DeliveryBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * One delivery of a webhook, without its body.
 */
export interface DeliveryBody {
  /**
   * Which receiver.
   */
  receiver: string;
  /**
   * The sender's id of it.
   */
  delivery: string;
  /**
   * The sender's word for what happened.
   */
  event: string;
  /**
   * What came of it; null while it is under way.
   */
  result: 'acted' | 'ignored' | 'refused' | 'failed' | null;
  /**
   * What was asked for, or why nothing was.
   */
  reason: string;
  /**
   * What it came to in one line.
   */
  hint: string;
  /**
   * Address that it came from.
   */
  sender: string;
  /**
   * When, in milliseconds since the epoch
   */
  receivedAt: number;
  /**
   * How long it took, in milliseconds.
   */
  durationMs: number | null;
  /**
   * How often the same came again.
   */
  repeats: number;
}
/**
 * Plimsoll itself; what is unhealthy comes first.
 */
export interface SystemBody {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * Of Plimsoll.
   */
  version: string;
  /**
   * When it was started, in milliseconds since the epoch
   */
  startedAt: number;
  /**
   * Where things run.
   */
  engines: EngineBody[];
  /**
   * What is followed.
   */
  sources: SourceBody[];
}
/**
 * A Docker engine.
 */
export interface EngineBody {
  /**
   * Its name.
   */
  engine: string;
  /**
   * Its address.
   */
  host: string;
  /**
   * Of the engine.
   */
  version: string | null;
  /**
   * As negotiated.
   */
  apiVersion: string | null;
  /**
   * Why it could not be asked.
   */
  error: FailureBody | null;
  /**
   * When it last answered, in milliseconds since the epoch
   */
  seenAt: number | null;
}
/**
 * A followed repository.
 */
export interface SourceBody {
  /**
   * Its name.
   */
  source: string;
  /**
   * The commit that is followed.
   */
  commit: CommitBody | null;
  /**
   * When it was last asked, in milliseconds since the epoch
   */
  checkedAt: number | null;
  /**
   * Why it could not be read.
   */
  error: FailureBody | null;
  /**
   * Mistakes that belong to no stack.
   */
  problems: ProblemBody[];
  /**
   * How many stacks it has.
   */
  stacks: number;
}
/**
 * GET /api/search
 */
export interface SearchPage {
  /**
   * When this was looked up, in milliseconds since the epoch
   */
  at: number;
  /**
   * In order.
   */
  items: HitBody[];
  /**
   * How many there are; null where they are not counted.
   */
  total: number | null;
  /**
   * Cursor of the next page; null on the last.
   */
  next: string | null;
}
/**
 * Something that was searched for.
 */
export interface HitBody {
  /**
   * What it is.
   */
  kind: 'stack' | 'service' | 'sync';
  /**
   * Its stack.
   */
  stack: string;
  /**
   * Its service.
   */
  service: string | null;
  /**
   * Id of the attempt.
   */
  sync: string | null;
  /**
   * What matched.
   */
  text: string;
}
/**
 * One event of GET /api/live, a WebSocket.
 */
export interface LiveBody {
  /**
   * Where a connection that is lost goes on: `?cursor=…`.
   */
  cursor: number;
  /**
   * When, in milliseconds since the epoch
   */
  at: number;
  /**
   * What moved. `joined`: from here on all is told. `missed`: too much was missed, ask for everything again.
   */
  kind:
    | 'stack'
    | 'stackGone'
    | 'sync'
    | 'progress'
    | 'drift'
    | 'source'
    | 'delivery'
    | 'system'
    | 'joined'
    | 'missed';
  /**
   * The stack that moved.
   */
  stack: string | null;
  /**
   * The stack as it is now.
   */
  state: StackStateBody | null;
  /**
   * What it is about, for people.
   */
  text: string;
}
/**
 * What every failed request answers.
 */
export interface ErrorBody {
  error: FailureBody;
}
