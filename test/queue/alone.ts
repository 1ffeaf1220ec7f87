import { randomBytes } from 'node:crypto';
import type { Queue } from '../../reconciler/model/ports.ts';
import { openQueues } from '../../reconciler/queue/queues.ts';

/** A queue that nobody else shares, on a server that must not fail. */
export async function openAlone(url: string): Promise<Queue> {
  const queues = await openQueues({
    url,
    installation: randomBytes(4).toString('hex'),
    onFailure: () => undefined,
    onTrouble: (error) => {
      throw error;
    },
    onRecovery: () => undefined,
  });
  return { ...queues.create('syncs'), close: () => queues.close() };
}
