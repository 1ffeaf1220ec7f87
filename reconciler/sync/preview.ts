import { followsTag, refreshMs, type DesiredStack } from '../model/desired.ts';
import { isSyncError, SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { InventoryItem, ObserveRequest, StableService } from '../model/ports.ts';
import type { Hold } from '../model/status.ts';
import { planMove } from '../plan/move.ts';
import { reachedOf } from './inventory.ts';
import { enginesLeft, lookAtLeft, type LeftEngines } from './left.ts';
import { takeoverOf } from './takeover.ts';
import type { StackView } from './view.ts';
import type { World } from './world.ts';

/** What one stack should be, with everything recorded that bears on it. */
export interface Intent {
  readonly stack: Name;
  readonly view: StackView;
  /** Every service of it resolved; for a stack that left the source, nothing. */
  readonly desired: DesiredStack;
  readonly inventory: readonly InventoryItem[];
  readonly holds: readonly Hold[];
  readonly stable: readonly StableService[];
}

/** The intent beside the world, and the plan between them. */
export interface Preview {
  readonly intent: Intent;
  /** Its engine. */
  readonly observed: ObservedState;
  /** Engines that it left, at least. */
  readonly left: LeftEngines;
  /** A person said that what is on engines that cannot be seen does not count any more. */
  readonly forgetsUnseen: boolean;
  readonly plan: Plan;
}

/** Reads and decides, changes nothing. Null when the stack's manifests have problems, so that nobody can say. */
export async function readIntent(world: World, stack: Name, view: StackView): Promise<Intent | null> {
  if (view.loaded !== null && view.loaded.desired === null) return null;
  const [inventory, holds, stable] = await Promise.all([
    world.store.inventory(stack),
    world.store.holds(stack),
    world.store.stableServices(stack),
  ]);
  const desired = view.loaded?.desired ?? emptyStack(stack, lastEngine(world, inventory));
  return { stack, view, desired, inventory, holds, stable };
}

/** How curious a look is: whether it asks registries anew about tags that are followed at every sync. */
export type Curiosity = 'anew' | 'now and then';

export interface PreviewOptions {
  readonly curiosity: Curiosity;
  /** Whether what the events told is enough; not for somebody who doubts it. */
  readonly mayRecall: boolean;
  readonly approvals: readonly string[];
  /** A person asks: drift that waits to be healed waits no longer. */
  readonly isForced?: boolean;
  readonly signal: AbortSignal;
}

export async function preview(world: World, intent: Intent, options: PreviewOptions): Promise<Preview> {
  const engine = world.engines.get(intent.desired.engine);
  const { curiosity, mayRecall } = options;
  const [observed, left] = await Promise.all([
    engine.observe({ ...imagesOf([intent], curiosity), mayRecall }, options.signal),
    lookAtLeft(world, [intent], options.signal),
  ]);
  const unread = unreadOf(intent, observed);
  if (unread !== null) throw unread;
  return previewAgainst(world, intent, { ...options, observed, left });
}

/** Why nobody knows how a stack is although its engine answers; null: everything of it was read. */
export function unreadOf({ stack }: Intent, { unread }: ObservedState): SyncError | null {
  const first = unread.find((container) => container.stack === stack);
  return first === undefined ? null : new SyncError(first.error.code, first.error.message);
}

/** A stack beside the world, or why its engine could not be looked at. */
export type Look =
  | { readonly kind: 'seen'; readonly preview: Preview }
  | { readonly kind: 'unseen'; readonly intent: Intent; readonly error: SyncError };

/** The same for several stacks, with one look at each engine that is concerned. Sorted by engine. */
export async function previewAll(
  world: World,
  intents: readonly Intent[],
  options: Omit<PreviewOptions, 'approvals'>,
): Promise<readonly Look[]> {
  const engines = sortedUnique(intents.map(({ desired }) => desired.engine));
  const looks = engines.map((engine) => {
    const own = intents.filter(({ desired }) => desired.engine === engine);
    return lookAtEngine(world, own, { engine, ...options });
  });
  return (await Promise.all(looks)).flat();
}

interface EngineLook extends Omit<PreviewOptions, 'approvals'> {
  readonly engine: Name;
}

async function lookAtEngine(
  world: World,
  intents: readonly Intent[],
  { engine, curiosity, mayRecall, signal }: EngineLook,
): Promise<readonly Look[]> {
  try {
    const [observed, left] = await Promise.all([
      world.engines.get(engine).observe({ ...imagesOf(intents, curiosity), mayRecall }, signal),
      lookAtLeft(world, intents, signal),
    ]);
    return intents.map((intent): Look => {
      const unread = unreadOf(intent, observed);
      if (unread !== null) return { kind: 'unseen', intent, error: unread };
      return { kind: 'seen', preview: previewAgainst(world, intent, { observed, left, approvals: [] }) };
    });
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    return intents.map((intent): Look => ({ kind: 'unseen', intent, error }));
  }
}

export interface Against {
  readonly observed: ObservedState;
  readonly left: LeftEngines;
  readonly approvals: readonly string[];
  readonly isForced?: boolean;
}

/** The plan of one stack against a snapshot that several stacks may share. */
export function previewAgainst(world: World, intent: Intent, against: Against): Preview {
  const { observed, left, approvals, isForced = false } = against;
  const { stack, view, desired, inventory, holds, stable } = intent;
  const { open, heals } = world.drift.memory(stack);
  const plan = planMove({
    desired,
    observed,
    inventory,
    left: enginesLeft(intent).flatMap((engine) => left.get(engine) ?? []),
    holds,
    stable,
    approvals,
    policy: world.policy,
    takeover: takeoverOf(stack, view),
    drift: { open, heals: isForced ? [] : heals, reached: reachedOf(desired, inventory) },
    complete: view.source.problems.length === 0,
    revision: view.source.commit.revision,
    now: world.clock.now(),
  });
  return { intent, observed, left, forgetsUnseen: approvals.includes('MV103'), plan };
}

/** Held services may need the image of the version that they are held at. */
export function imagesOf(intents: readonly Intent[], curiosity: Curiosity): ObserveRequest {
  const services = intents.flatMap(({ desired, stable }) => [
    ...desired.services,
    ...stable.map(({ definition }) => definition),
  ]);
  const fresh = services.filter(({ pullPolicy }) => followsTag(pullPolicy));
  const alwaysMs = curiosity === 'anew' ? 0 : nowAndThenMs;
  return {
    images: sortedUnique(services.map(({ container }) => container.image)),
    freshImages: fresh.map(({ container, pullPolicy }) => {
      return { reference: container.image, maxAgeMs: refreshMs(pullPolicy) ?? alwaysMs };
    }),
  };
}

/** What `pull_policy: always` asks at most while nobody asks for anything: registries count such questions. */
const nowAndThenMs = 10 * 60_000;

function sortedUnique<Text extends string>(texts: readonly Text[]): readonly Text[] {
  return [...new Set(texts)].sort();
}

/** Where a stack that left its source is to be removed from. */
function lastEngine({ engines }: World, inventory: readonly InventoryItem[]): Name {
  return inventory.find(({ engine }) => engines.names.includes(engine))?.engine ?? engines.byDefault;
}

/** A stack that left its source asks for nothing; the brakes on removal are the plan's. */
export function emptyStack(stack: Name, engine: Name): DesiredStack {
  return {
    name: stack,
    engine,
    dependsOn: [],
    services: [],
    networks: [],
    volumes: [],
    sync: { automatic: true, prune: true, pruneVolumes: false, maxPrune: { services: 3, percent: 30 } },
  };
}
