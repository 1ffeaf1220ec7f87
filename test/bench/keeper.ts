import type { Bench } from './context.ts';
import { fleetManifests, fleetOf, type Fleet, type Version } from './fleet.ts';
import { createRawFleet, recreateRaw, removeRawFleet, replaceRaw } from './raw-fleet.ts';

/** One of the three that keep a fleet running, and how it takes the next version. */
export interface Keeper {
  readonly fleet: Fleet;
  /** What comes before and is not counted, such as the commit. */
  prepare(version: Version): void;
  change(version: Version): Promise<void>;
  end(): Promise<void>;
}

export interface KeptFleet {
  readonly size: number;
  /** Of the first service. */
  readonly port: number;
}

export async function keepOurs(bench: Bench, { size, port }: KeptFleet): Promise<Keeper> {
  const fleet = fleetOf(size, { image: bench.image, stack: 'kept' });
  const resident = await bench.resident('kept');
  const prepare = (version: Version): void => resident.repository.commit(fleetManifests(fleet, version));
  prepare({ port });
  await resident.follow();
  return { fleet, prepare, change: () => resident.follow(), end: () => resident.end() };
}

/** Null where there is no Compose. */
export async function keepByCompose(bench: Bench, { size, port }: KeptFleet): Promise<Keeper | null> {
  const { compose, image } = bench;
  if (compose === null) return null;
  const fleet = fleetOf(size, { image, stack: 'composed' });
  await compose.up(fleet, { port });
  return {
    fleet,
    prepare: () => undefined,
    change: (version) => compose.up(fleet, version),
    end: () => compose.down(fleet),
  };
}

/** Knows what changed, and so does nothing but the calls for it, one service after the other. */
export async function keepByHand({ raw, image }: Bench, { size, port }: KeptFleet): Promise<Keeper> {
  const fleet = fleetOf(size, { image, stack: 'raw' });
  const [first = ''] = fleet.names;
  await createRawFleet(raw, fleet);
  await recreateRaw(raw, fleet, { name: first, release: 1, port });
  let current: ReadonlyMap<string, number> = new Map();
  return {
    fleet,
    prepare: () => undefined,
    async change({ releases = new Map() }) {
      for (const name of fleet.names) {
        const release = releases.get(name) ?? 1;
        if (release === (current.get(name) ?? 1)) continue;
        if (name === first) await recreateRaw(raw, fleet, { name, release, port });
        else await replaceRaw(raw, fleet, { name, release });
      }
      current = releases;
    },
    end: () => removeRawFleet(raw, fleet),
  };
}
