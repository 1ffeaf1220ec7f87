import type { Name } from '../model/ids.ts';
import type { InventoryItem, Store } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import type { Sql, Statements } from './connection.ts';
import { inTransaction } from './transaction.ts';

type InventoryStore = Pick<Store, 'inventory' | 'recordInventory'>;

/** What we own in a stack. */
export function createInventory(sql: Sql): InventoryStore {
  return {
    inventory: (stack) => readItems(sql, stack),
    recordInventory: (stack, items, at) => replaceItems(sql, { stack, items, at }),
  };
}

async function readItems(sql: Sql, stack: Name): Promise<readonly InventoryItem[]> {
  const [row] = await sql<{ items: readonly InventoryItem[] }[]>`
    select items from plimsoll.inventories where stack = ${stack}`;
  return row?.items ?? [];
}

interface Inventory {
  readonly stack: Name;
  readonly items: readonly InventoryItem[];
  readonly at: number;
}

async function replaceItems(sql: Sql, inventory: Inventory): Promise<void> {
  await inTransaction(sql, async (transaction) => {
    await writeItems(transaction, inventory);
    if (inventory.items.length === 0) await retireStack(transaction, inventory.stack);
  });
}

async function writeItems(sql: Statements, { stack, items, at }: Inventory): Promise<void> {
  await sql`
    insert into plimsoll.inventories (stack, items, recorded_at)
    values (${stack}, ${sql.typed.jsonb(inOrder(items))}, ${at})
        on conflict (stack) do update set items = excluded.items, recorded_at = excluded.recorded_at`;
}

/** Sorted, and each item once. */
function inOrder(items: readonly InventoryItem[]): readonly InventoryItem[] {
  const byKey = new Map(
    items.map((item) => [`${item.engine} ${item.kind} ${item.name} ${item.engineName}`, item]),
  );
  return [...byKey].sort(([left], [right]) => compareText(left, right)).map(([, item]) => item);
}

/** Asked for by no source that is followed and owning nothing: from now on the stack is history only. */
async function retireStack(sql: Statements, stack: Name): Promise<void> {
  await sql`
    update plimsoll.stacks set membership = 'retired' where name = ${stack} and (membership = 'absent' or not claimed)`;
}
