import type { Store } from '../model/ports.ts';
import { refuseWrongClock } from './clock.ts';
import { connect, type Sql, type StoreAddress } from './connection.ts';
import { createContents } from './contents.ts';
import { createDeliveries } from './deliveries.ts';
import { createDrift } from './drift.ts';
import { createEvents } from './events.ts';
import { guarded } from './failure.ts';
import { createForgeWork } from './forge-work.ts';
import { createHeads } from './heads.ts';
import { createHistory } from './history.ts';
import { createHolds } from './holds.ts';
import { createInventory } from './inventory.ts';
import { createLeases } from './leases.ts';
import { migrate } from './migrate.ts';
import { watchNews } from './news.ts';
import { createRetention } from './retention.ts';
import { createReviews } from './reviews.ts';
import { createStableServices } from './stable.ts';
import { createStacks } from './stacks.ts';
import { createStatuses } from './statuses.ts';
import { createSyncs } from './syncs.ts';

/** An index over years of history, and waiting for another program that makes it. */
const longestMigrationMs = 300_000;
/** Nothing is under way when a store is closed; the driver waits in vain for connections that were cut. */
const closeTimeoutSeconds = 1;

/** Connects to a Postgres server, brings its tables up to date and returns the store on it. */
export async function openStore(address: StoreAddress): Promise<Store> {
  const sql = connect(address);
  try {
    await guarded({ check: () => refuseWrongClock(sql, () => Date.now()) }).check();
    await guarded({ migrate: () => migrate(sql) }, longestMigrationMs).migrate();
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  return createStore(sql);
}

/** The store on a connected and migrated database. Every failure of the database is a SyncError. */
export function createStore(sql: Sql): Store {
  const store = guarded({
    ...createStacks(sql),
    ...createHeads(sql),
    ...createLeases(sql),
    ...createSyncs(sql),
    ...createEvents(sql),
    ...createHistory(sql),
    ...createRetention(sql),
    ...createStatuses(sql),
    ...createInventory(sql),
    ...createHolds(sql),
    ...createDrift(sql),
    ...createStableServices(sql),
    ...createContents(sql),
    ...createDeliveries(sql),
    ...createForgeWork(sql),
    ...createReviews(sql),
    close: () => sql.end({ timeout: closeTimeoutSeconds }),
  });
  // Watching has no deadline; set on the guarded object itself, it would be given one.
  return { ...store, watch: (onNews, signal) => watchNews(sql, onNews, signal) };
}
