import type { Name } from '../model/ids.ts';
import type { ObservedState } from '../model/observed.ts';
import type { InventoryItem } from '../model/ports.ts';
import type { PlanInput } from './plan.ts';

/** An engine that a stack is no longer to run on, and that something of it is recorded on. */
export type LeftEngine =
  | { readonly kind: 'seen'; readonly engine: Name; readonly observed: ObservedState }
  /** `why` is a finished sentence. */
  | { readonly kind: 'unseen'; readonly engine: Name; readonly why: string };

export interface MoveInput extends PlanInput {
  /** Of the stack on all engines. */
  readonly inventory: readonly InventoryItem[];
  readonly left: readonly LeftEngine[];
}

export function itemsOn(engine: Name, inventory: readonly InventoryItem[]): readonly InventoryItem[] {
  return inventory.filter((item) => item.engine === engine);
}
