import fastifyWebsocket from '@fastify/websocket';
import { Ajv } from 'ajv';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import apiSchema from '../../schemas/api.schema.json' with { type: 'json' };
import { isSyncError, type SyncErrorCode } from '../../reconciler/model/error.ts';
import type { Secret } from '../../reconciler/model/secret.ts';
import { guard } from './guard.ts';
import { mountLive, type Live } from './live.ts';
import { mountMetrics, type Metrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import type { Parameters } from './question.ts';
import type { Reading } from './reading.ts';
import { routes, type Route } from './routes.ts';

export interface ApiOptions extends Reading {
  readonly metrics: Metrics;
  readonly live: Live;
  /** Any of which opens the API to somebody who is not on this host. */
  readonly tokens: readonly Secret[];
  /** Hears of what nobody foresaw; whoever asked is told only that it happened. */
  readonly onBug: (error: unknown) => void;
}

/** Of a client, which has nothing to say. */
const mostSaidBytes = 1_024;

/** Mounts the read-only API: every route of the table, and the document that describes them. */
export async function mountApi(server: FastifyInstance, options: ApiOptions): Promise<void> {
  guard(server, options.tokens);
  // Other than Fastify's own, it refuses what it does not know.
  const questions = new Ajv({ coerceTypes: true, allErrors: true });
  server.setValidatorCompiler<object>(({ schema }) => questions.compile(schema));
  // The dialect is said by its address, which the serialiser would look up.
  const { $schema: _, ...bodies } = apiSchema;
  server.addSchema(bodies);
  server.addHook('onSend', async (_, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  server.setErrorHandler((error: FastifyError, _, reply) => tellError(error, reply, options));
  for (const route of routes) mountRoute(server, route, options);
  mountMetrics(server, options.metrics);
  await server.register(fastifyWebsocket, { options: { maxPayload: mostSaidBytes } });
  await server.register(async (scope) => mountLive(scope, options.live));
  const document = describeApi(options.version);
  server.get('/api/openapi.json', async () => document);
}

function mountRoute(
  server: FastifyInstance,
  { path, body, query, required = [], answer }: Route,
  reading: ApiOptions,
): void {
  const schema = {
    querystring: { type: 'object', additionalProperties: false, properties: query, required },
    response: { 200: { $ref: `${apiSchema.$id}#/properties/${body}` } },
  };
  server.get(path, { schema, exposeHeadRoute: false }, (request, reply) =>
    answer(reading, {
      path: request.params as Readonly<Record<string, string>>,
      query: request.query as Parameters,
      signal: goneSignal(request, reply),
    }),
  );
}

/** Aborts when the connection closes before the answer is out. */
function goneSignal({ raw }: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!reply.raw.writableEnded) gone.abort();
  });
  return gone.signal;
}

const statuses: Partial<Readonly<Record<SyncErrorCode, number>>> = {
  RequestInvalid: 400,
  ConfigInvalid: 400,
  StackUnknown: 404,
  RecordNotFound: 404,
};

async function tellError(error: FastifyError, reply: FastifyReply, { onBug }: ApiOptions): Promise<void> {
  if (error.validation !== undefined) {
    const message = `The request is not valid: ${error.message}.`;
    return reply.code(400).send({ error: { code: 'RequestInvalid', message } });
  }
  if (isSyncError(error)) {
    const { code, message } = error;
    return reply.code(statuses[code] ?? 503).send({ error: { code, message } });
  }
  onBug(error);
  const message = 'Plimsoll met something that it did not foresee; its log says what.';
  return reply.code(500).send({ error: { code: 'Bug', message } });
}
