import type { Name } from './model/ids.ts';
import type { Store } from './model/ports.ts';

/**
 * A store that only remembers: the one given, or with null that of a machine where nothing was ever synced. What a
 * plan needs is answered; whatever would be written is refused as a bug, so that `plimsoll plan` cannot change anything.
 */
export function createReadOnlyStore(memory: Store | null): Store {
  return {
    followSources: () => refuse('followSources'),
    registerStacks: async (source, stacks) => ({
      absent: memory === null ? [] : await absentStacks(memory, source, stacks),
    }),
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
    recordEvent: () => refuse('recordEvent'),
    finishSync: () => refuse('finishSync'),
    history: async (query) => (await memory?.history(query)) ?? { syncs: [], next: null },
    sync: async (id) => (await memory?.sync(id)) ?? null,
    events: async (id) => (await memory?.events(id)) ?? [],
    recentOutcomes: async (stack, limit) => (await memory?.recentOutcomes(stack, limit)) ?? [],
    statuses: async () => (await memory?.statuses()) ?? [],
    recordStatus: () => refuse('recordStatus'),
    inventory: async (stack) => (await memory?.inventory(stack)) ?? [],
    recordInventory: () => refuse('recordInventory'),
    holds: async (stack) => (await memory?.holds(stack)) ?? [],
    recordHold: () => refuse('recordHold'),
    liftHold: () => refuse('liftHold'),
    stableServices: async (stack) => (await memory?.stableServices(stack)) ?? [],
    recordStable: () => refuse('recordStable'),
    recordContents: () => refuse('recordContents'),
    contents: async (digests) => (await memory?.contents(digests)) ?? new Map(),
    close: async () => memory?.close(),
  };
}

/** As `registerStacks` answers it, but without registering: what the source had and has no more, while we own anything of it. */
async function absentStacks(memory: Store, source: Name, present: readonly Name[]): Promise<readonly Name[]> {
  const recorded = (await memory.statuses()).filter((status) => status.source === source);
  const missing = recorded.map(({ stack }) => stack).filter((stack) => !present.includes(stack));
  const owns = await Promise.all(missing.map(async (stack) => (await memory.inventory(stack)).length > 0));
  return missing.filter((_, index) => owns[index]);
}

function refuse(what: string): never {
  throw new TypeError(`a read-only store was told to ${what}`);
}
