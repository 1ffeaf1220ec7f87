import { findEngines, placesOfEngines, type NamedCandidate } from './engines-access.ts';
import { connectWorld } from './main.ts';
import { SyncError } from './model/error.ts';
import type { Notifier } from './model/notice.ts';
import { readSources } from './planning.ts';
import type { Settings } from './settings.ts';
import { accessMemory, accessStore, type StoreAccess } from './store-access.ts';
import type { World } from './sync/world.ts';

export interface OneShotOptions {
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
}

export interface MemoryOptions {
  /** Read the sources and find an engine that answers; otherwise only what was recorded can be asked. */
  readonly looksAround: boolean;
  readonly notifier?: Notifier;
  readonly signal: AbortSignal;
}

const silent: Notifier = { notify: () => {} };

/** A world that can be looked at and not changed: nothing is written to engine or store, and no store is made. */
export async function withMemoryWorld<Answer>(
  settings: Settings,
  { looksAround, notifier = silent, signal }: MemoryOptions,
  work: (world: World) => Promise<Answer>,
): Promise<Answer> {
  const finding = looksAround ? findEngines(settings, signal) : placesOfEngines(settings);
  const parts = await bothOf(finding, accessMemory(settings));
  return withParts(settings, { ...parts, notifier }, async (world) => {
    if (looksAround) await readSources(world, signal);
    return work(world);
  });
}

/** A world for one sync by hand. The sources are read, and their stacks registered in the store. */
export async function withWorld<Answer>(
  settings: Settings,
  { notifier, signal }: OneShotOptions,
  work: (world: World) => Promise<Answer>,
): Promise<Answer> {
  const parts = await bothOf(findEngines(settings, signal), accessStore(settings, { isShared: true }));
  return withParts(settings, { ...parts, notifier }, async (world) => {
    await readSources(world, signal);
    return work(world);
  });
}

interface OneShotParts {
  readonly engines: readonly NamedCandidate[];
  readonly access: StoreAccess;
  readonly notifier: Notifier;
}

/** A private store takes as long to start as an engine to answer, so neither waits for the other. */
async function bothOf(
  finding: Promise<readonly NamedCandidate[]>,
  accessing: Promise<StoreAccess>,
): Promise<Omit<OneShotParts, 'notifier'>> {
  const [engines, access] = await Promise.allSettled([finding, accessing]);
  if (access.status === 'rejected') throw engines.status === 'rejected' ? engines.reason : access.reason;
  if (engines.status === 'fulfilled') return { engines: engines.value, access: access.value };
  await access.value.close();
  throw engines.reason;
}

async function withParts<Answer>(
  settings: Settings,
  { engines, access, notifier }: OneShotParts,
  work: (world: World) => Promise<Answer>,
): Promise<Answer> {
  const { store } = access;
  try {
    const connected = await connectWorld(settings, {
      engines: engines.map(({ name, candidate: { host, address } }) => ({ name, host, address })),
      store,
      notifier,
      onBug: raise,
    });
    try {
      return await work(connected.world);
    } finally {
      await connected.close();
    }
  } finally {
    await access.close();
  }
}

/** There is nothing to be done without one. */
export function requireSources({ sources, configFile }: Settings): void {
  if (sources.length > 0) return;
  throw new SyncError(
    'ConfigInvalid',
    configFile === null
      ? 'There is nothing to follow: no plimsoll.yaml was found and no source was named. `plimsoll init` writes a first one.'
      : `There is nothing to follow: ${configFile} names no sources.`,
  );
}

function raise(error: unknown): never {
  throw error;
}
