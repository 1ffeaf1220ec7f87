import type { Name } from '../model/ids.ts';
import type { StableService, Store } from '../model/ports.ts';
import type { Sql } from './connection.ts';
import { completeDefinition, type RecordedDefinition } from './definition.ts';

type StableStore = Pick<Store, 'stableServices' | 'recordStable'>;

/** The last version of each service that was healthy for its time. */
export function createStableServices(sql: Sql): StableStore {
  return {
    stableServices: (stack) => listStable(sql, stack),
    recordStable: (stack, services, at) => upsertStable(sql, { stack, services, at }),
  };
}

async function listStable(sql: Sql, stack: Name): Promise<readonly StableService[]> {
  const rows = await sql<StableRow[]>`
    select service, hash, revision, definition, digest from plimsoll.stable_services
     where stack = ${stack} order by service`;
  return rows.map(({ service, hash, revision, definition, digest }) => {
    return { service, hash, revision, definition: completeDefinition(definition), digest };
  });
}

interface StableRow extends Omit<StableService, 'definition'> {
  readonly definition: RecordedDefinition;
}

interface Stable {
  readonly stack: Name;
  readonly services: readonly StableService[];
  readonly at: number;
}

async function upsertStable(sql: Sql, { stack, services, at }: Stable): Promise<void> {
  await sql`
    insert into plimsoll.stable_services
      (stack, service, hash, revision, definition, digest, recorded_at)
    select ${stack}, service, hash, revision, definition, digest, ${at}
      from jsonb_to_recordset(${sql.typed.jsonb(services)})
        as item (service text, hash text, revision text, definition jsonb, digest text)
        on conflict (stack, service) do update
       set hash = excluded.hash, revision = excluded.revision, definition = excluded.definition,
           digest = excluded.digest, recorded_at = excluded.recorded_at`;
}
