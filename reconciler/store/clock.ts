import { SyncError } from '../model/error.ts';
import type { Sql } from './connection.ts';

/** A lease of a minute is renewed every 20 seconds: two daemons this far off, each to its side, do not yet meet. */
const mostOffMs = 10_000;

/**
 * Leases end at times that each daemon reads from its own clock: with clocks that disagree, two would sync one stack at
 * once. Throws ClockWrong when ours is too far off the server's.
 */
export async function refuseWrongClock(sql: Sql, now: () => number): Promise<void> {
  const askedAt = now();
  const [row] = await sql<{ at: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as at`;
  const offMs = (askedAt + now()) / 2 - (row?.at ?? askedAt);
  // A slow answer says little of the clock.
  const knownMs = Math.abs(offMs) - (now() - askedAt);
  if (knownMs <= mostOffMs) return;
  const seconds = Math.round(Math.abs(offMs) / 1000);
  throw new SyncError(
    'ClockWrong',
    `The clock of this host is ${seconds} seconds ${offMs > 0 ? 'ahead of' : 'behind'} the database server's, so that ` +
      'daemons could take work from each other. Set both by a time server: `timedatectl set-ntp true`.',
    { data: { offMs: Math.round(offMs) } },
  );
}
