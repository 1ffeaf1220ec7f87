import type { FastifyInstance } from 'fastify';
import { isSyncError } from '../../reconciler/model/error.ts';
import type { World } from '../../reconciler/sync/world.ts';

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work, so the store answers, an engine was seen and a source
 * was read. For whoever watches processes; so neither says more than that.
 */
export function mountHealth(server: FastifyInstance, world: World): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const lacking = await whatIsLacking(world);
    const status = lacking.length === 0 ? 'ready' : 'notReady';
    return reply.code(lacking.length === 0 ? 200 : 503).send({ status, lacking });
  });
}

async function whatIsLacking({ store, engines, views, sources }: World): Promise<readonly string[]> {
  const hasEngine = engines.checks().some(({ lastSeenAt, error }) => lastSeenAt !== null && error === null);
  const hasSource = sources.length === 0 || views.all().length > 0;
  return [
    ...((await answers(store)) ? [] : ['store']),
    ...(hasEngine ? [] : ['engine']),
    ...(hasSource ? [] : ['source']),
  ];
}

async function answers(store: World['store']): Promise<boolean> {
  try {
    await store.nextDueAt();
    return true;
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return false;
  }
}
