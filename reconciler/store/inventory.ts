import type { Name } from '../model/ids.ts';
import type { InventoryItem, Store } from '../model/ports.ts';
import type { Sql, Statements } from './connection.ts';

type InventoryStore = Pick<Store, 'inventory' | 'recordInventory'>;

/** What we own in a stack. */
export function createInventory(sql: Sql): InventoryStore {
  return {
    inventory: (stack) => listItems(sql, stack),
    recordInventory: (stack, items, at) => replaceItems(sql, { stack, items, at }),
  };
}

async function listItems(sql: Sql, stack: Name): Promise<readonly InventoryItem[]> {
  return sql<InventoryItem[]>`
    select kind, name, engine_name from plimsoll.inventory
     where stack = ${stack} order by kind collate "C", name, engine_name`;
}

interface Inventory {
  readonly stack: Name;
  readonly items: readonly InventoryItem[];
  readonly at: number;
}

async function replaceItems(sql: Sql, inventory: Inventory): Promise<void> {
  await sql.begin(async (transaction) => {
    await deleteItems(transaction, inventory.stack);
    await insertItems(transaction, inventory);
    if (inventory.items.length === 0) await retireStack(transaction, inventory.stack);
  });
}

async function deleteItems(sql: Statements, stack: Name): Promise<void> {
  await sql`delete from plimsoll.inventory where stack = ${stack}`;
}

async function insertItems(sql: Statements, { stack, items, at }: Inventory): Promise<void> {
  await sql`
    insert into plimsoll.inventory (stack, kind, name, engine_name, recorded_at)
    select ${stack}, kind, name, "engineName", ${at}
      from jsonb_to_recordset(${sql.typed.jsonb(items)}) as item (kind text, name text, "engineName" text)
        on conflict do nothing`;
}

/** Absent from its source and owning nothing: from now on the stack is history only. */
async function retireStack(sql: Statements, stack: Name): Promise<void> {
  await sql`
    update plimsoll.stacks set membership = 'retired' where name = ${stack} and membership = 'absent'`;
}
