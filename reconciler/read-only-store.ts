import type { Name } from './model/ids.ts';
import type { Registration, Store } from './model/ports.ts';
import type { ForgeStore } from './model/review-record.ts';
import { nameTaken } from './store/stacks.ts';

/**
 * A store that only remembers: the one given, or with null that of a machine where nothing was ever synced. What a
 * plan needs is answered; whatever would be written is refused as a bug, so that `plimsoll plan` cannot change anything.
 */
export function createReadOnlyStore(memory: Store | null): Store {
  return {
    followSources: () => refuse('followSources'),
    registerStacks: async (source, stacks) =>
      memory === null ? { absent: [], taken: new Map() } : recallRegistration(memory, { source, stacks }),
    settleStack: () => refuse('settleStack'),
    knownStacks: async () => (await memory?.knownStacks()) ?? [],
    heads: async () => (await memory?.heads()) ?? new Map(),
    recordHead: () => refuse('recordHead'),
    requestStop: () => refuse('requestStop'),
    leaseStates: async (stacks, at) => (await memory?.leaseStates(stacks, at)) ?? new Map(),
    // As for a stack that the store does not know: whoever asks is not kept from going on.
    requestSync: async () => null,
    lease: () => refuse('lease'),
    renewLease: () => refuse('renewLease'),
    releaseLease: () => refuse('releaseLease'),
    endLeases: () => refuse('endLeases'),
    dueStacks: async (at) => (await memory?.dueStacks(at)) ?? [],
    nextDueAt: async () => (await memory?.nextDueAt()) ?? null,
    beginSync: () => refuse('beginSync'),
    recordPlan: () => refuse('recordPlan'),
    recordApprovals: () => refuse('recordApprovals'),
    recordEvent: () => refuse('recordEvent'),
    finishSync: () => refuse('finishSync'),
    history: async (query) => (await memory?.history(query)) ?? { syncs: [], next: null },
    dropHistory: () => refuse('dropHistory'),
    sync: async (id) => (await memory?.sync(id)) ?? null,
    events: async (id) => (await memory?.events(id)) ?? [],
    recentOutcomes: async (stack, limit) => (await memory?.recentOutcomes(stack, limit)) ?? [],
    statuses: async (stacks) => (await memory?.statuses(stacks)) ?? [],
    recordStatus: () => refuse('recordStatus'),
    inventory: async (stack) => (await memory?.inventory(stack)) ?? [],
    recordInventory: () => refuse('recordInventory'),
    holds: async (stack) => (await memory?.holds(stack)) ?? [],
    recordHold: () => refuse('recordHold'),
    liftHold: () => refuse('liftHold'),
    drift: async (query) => (await memory?.drift(query)) ?? [],
    openDrift: async () => (await memory?.openDrift()) ?? [],
    healedDrift: async (since) => (await memory?.healedDrift(since)) ?? [],
    recordDrift: () => refuse('recordDrift'),
    stableServices: async (stack) => (await memory?.stableServices(stack)) ?? [],
    recordStable: () => refuse('recordStable'),
    recordContents: () => refuse('recordContents'),
    contents: async (digests) => (await memory?.contents(digests)) ?? new Map(),
    beginDelivery: () => refuse('beginDelivery'),
    finishDelivery: () => refuse('finishDelivery'),
    recordTally: () => refuse('recordTally'),
    deliveries: async (query) => (await memory?.deliveries(query)) ?? [],
    dropDeliveries: () => refuse('dropDeliveries'),
    watch: async (onNews, signal) => memory?.watch(onNews, signal),
    ...rememberReviews(memory),
    close: async () => memory?.close(),
  };
}

function rememberReviews(memory: Store | null): ForgeStore {
  return {
    requestForgeWork: () => refuse('requestForgeWork'),
    leaseForgeWork: () => refuse('leaseForgeWork'),
    releaseForgeWork: () => refuse('releaseForgeWork'),
    dueForgeWork: async (at) => (await memory?.dueForgeWork(at)) ?? [],
    reviews: async () => (await memory?.reviews()) ?? [],
    review: async (source, number) => (await memory?.review(source, number)) ?? null,
    recordReview: () => refuse('recordReview'),
    mergedApprovals: async (stack, since) => (await memory?.mergedApprovals(stack, since)) ?? [],
    recordMergedApprovals: () => refuse('recordMergedApprovals'),
    useMergedApprovals: () => refuse('useMergedApprovals'),
    report: async (stack) => (await memory?.report(stack)) ?? null,
    recordReport: () => refuse('recordReport'),
  };
}

interface Claim {
  readonly source: Name;
  readonly stacks: readonly Name[];
}

/** What `registerStacks` would answer, but without registering. */
async function recallRegistration(memory: Store, { source, stacks }: Claim): Promise<Registration> {
  const known = await memory.knownStacks();
  const claimed = new Set(stacks);
  const holder = known.find(
    (stack) => claimed.has(stack.name) && stack.source !== source && stack.isFollowed && stack.isPresent,
  );
  if (holder !== undefined) throw nameTaken({ stack: holder.name, source, holder: holder.source });
  const absent = known.filter((stack) => stack.source === source && !claimed.has(stack.name));
  const taken = known.filter(
    (stack) => stack.settledSource !== source && (claimed.has(stack.name) || stack.source === source),
  );
  return {
    absent: absent.map(({ name }) => name),
    taken: new Map(taken.map(({ name, settledSource }) => [name, settledSource])),
  };
}

function refuse(what: string): never {
  throw new TypeError(`a read-only store was told to ${what}`);
}
