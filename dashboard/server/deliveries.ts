import type { DeliveryPage } from '../../reconciler/model/generated/api.ts';
import { nameOrNull } from './looking.ts';
import { usualPage } from './page.ts';
import type { Parameters } from './question.ts';
import type { Reading } from './reading.ts';

/** The newest deliveries; the store keeps no more than can be looked through. */
export async function readDeliveries({ world }: Reading, query: Parameters): Promise<DeliveryPage> {
  const receiver = nameOrNull(query.receiver);
  const items = await world.store.deliveries({
    limit: query.limit ?? usualPage,
    ...(receiver !== null && { receiver }),
  });
  return { at: world.clock.now(), items: [...items], total: null, next: null };
}
