import type { AddressInfo } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { mountApi } from '../../dashboard/server/api.ts';
import { createLive, type Live } from '../../dashboard/server/live.ts';
import { createMetrics, type Metrics } from '../../dashboard/server/metrics.ts';
import { routes } from '../../dashboard/server/routes.ts';
import type {
  DriftPage,
  LiveBody,
  OverviewBody,
  ReviewPage,
  SearchPage,
  ServiceBody,
  ServicePage,
  StackBody,
  StackPage,
  SyncBody,
  SyncPage,
  SystemBody,
} from '../../reconciler/model/generated/api.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { ReviewRecord } from '../../reconciler/model/review-record.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import apiSchema from '../../schemas/api.schema.json' with { type: 'json' };
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, stack, type Spec } from '../support/manifest.ts';
import { until } from '../support/until.ts';

const images = inject('images');
const web: Spec = { image: images.web1, mem_limit: '64m' };
const bugs: unknown[] = [];
const token = 'a-token-of-the-operator';
let fleet: Deployment;
let server: FastifyInstance;
let metrics: Metrics;
let live: Live;

beforeAll(async () => {
  fleet = await createDeployment();
  fleet.commit({
    'stacks/shown/stack.yaml': stack({ networks: { default: {}, side: {} } }),
    ...services('shown', {
      db: { ...web, networks: ['side'] },
      web: { ...web, depends_on: ['db'], networks: ['default', 'side'], replicas: 2 },
    }),
    ...services('other', { idle: { ...web, replicas: 0 } }),
  });
  expect(await fleet.sync(), fleet.story()).toEqual({ shown: 'succeeded', other: 'succeeded' });
  server = fastify();
  metrics = createMetrics(fleet.world, '0.0.0');
  live = createLive(fleet.world);
  for (const notice of fleet.notices) metrics.count(notice);
  await mountApi(server, {
    world: fleet.world,
    version: '0.0.0',
    startedAt: 1,
    metrics,
    live,
    tokens: [new Secret(token)],
    onBug: (error) => bugs.push(error),
  });
});

afterAll(async () => {
  await server.close();
  await fleet.close();
});

const local = { host: 'localhost:8484' };
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(['tsType']);
ajv.addSchema(apiSchema);

/** The answer to a question, held to the schema of its route. */
async function read<Body>(url: string, body: string): Promise<Body> {
  const response = await server.inject({ method: 'GET', url });
  expect(response.statusCode, response.body).toBe(200);
  const answer = response.json<Body>();
  const isValid = ajv.validate(`${apiSchema.$id}#/properties/${body}`, answer);
  expect(isValid, JSON.stringify(ajv.errors)).toBe(true);
  return answer;
}

test('every route is named in the document that describes the API, and nothing but GET is taken', async () => {
  const { paths } = (await server.inject({ url: '/api/openapi.json' })).json<{ paths: object }>();
  expect(Object.keys(paths).sort()).toEqual(
    routes.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')).sort(),
  );
  for (const { path } of routes) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const { statusCode } = await server.inject({ method, url: path });
      expect([404, 405], `${method} ${path}`).toContain(statusCode);
    }
  }
});

test('the overview counts what is as Git has it, and what is not', async () => {
  const before = await read<OverviewBody>('/api/overview', 'overview');
  expect(before).toMatchObject({ stacks: 2, services: 3, synced: 3, outOfSync: 0, unhealthy: 0 });
  expect(before.sources).toEqual([{ source: 'test', revision: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
});

test('stacks and services are filtered, sorted and paged by key', async () => {
  const first = await read<ServicePage>('/api/services?limit=2', 'services');
  expect(first).toMatchObject({ total: 3, items: [{ service: 'idle' }, { service: 'db' }] });
  const second = await read<ServicePage>(`/api/services?limit=2&cursor=${first.next}`, 'services');
  expect(second).toMatchObject({ next: null, items: [{ service: 'web', replicas: 2, ready: 2 }] });
  const own = await read<ServicePage>('/api/services?stack=shown&health=healthy', 'services');
  expect(own.items.map(({ service }) => service)).toEqual(['db', 'web']);
  const stacks = await read<StackPage>('/api/stacks?syncStatus=synced&sort=checked', 'stacks');
  expect(stacks.items.map((state) => state.stack).sort()).toEqual(['other', 'shown']);
});

test('a stack shows who depends on whom, who talks to whom, and what a sync would do', async () => {
  const shown = await read<StackBody>('/api/stacks/shown', 'stack');
  expect(shown).toMatchObject({
    state: { stack: 'shown', engine: 'default', syncStatus: 'synced', services: 2, lastOutcome: 'succeeded' },
    dependencies: [{ service: 'web', on: 'db', condition: 'service_started' }],
    networks: [
      { network: 'default', services: ['web'] },
      { network: 'side', services: ['db', 'web'] },
    ],
    plan: { changes: [], steps: [] },
    unseen: null,
  });
});

test('a service shows each field in which an instance is not what it should be', async () => {
  const twin = await fleet.inspect('shown-web-2');
  await fleet.docker
    .getContainer(twin.Id)
    .update({ Memory: 128 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024 });
  const shown = await read<ServiceBody>('/api/services/shown/web', 'service');
  expect(shown.instances).toMatchObject([
    { name: 'shown-web-1', number: 1, state: 'running', restarts: 0 },
    { name: 'shown-web-2', number: 2, state: 'running', id: twin.Id },
  ]);
  expect(shown.differs.find(({ path }) => path === 'mem_limit')).toMatchObject({
    desired: 64 * 1024 * 1024,
    observed: [{ instance: 'shown-web-2', value: 128 * 1024 * 1024 }],
    cause: { kind: 'drift' },
    class: 'inPlace',
  });
  expect(shown).toMatchObject({ file: 'stacks/shown/web.yaml', desired: { image: images.web1 } });
  expect(await fleet.heal()).toEqual({ shown: 'succeeded' });
  const drift = await read<DriftPage>('/api/drift?state=all&service=web', 'drift');
  expect(drift.items.find(({ field }) => field === 'mem_limit')).toMatchObject({
    stack: 'shown',
    found: 128 * 1024 * 1024,
    wanted: 64 * 1024 * 1024,
    end: 'healed',
  });
  expect((await read<DriftPage>('/api/drift', 'drift')).items).toEqual([]);
  expect((await read<ServiceBody>('/api/services/shown/web', 'service')).differs).toEqual([]);
});

test('history is paged newest first, and an attempt is shown with its plan and each step', async () => {
  const page = await read<SyncPage>('/api/syncs?stack=shown&limit=1', 'syncs');
  expect(page.items).toMatchObject([{ stack: 'shown', outcome: 'succeeded', services: ['web'] }]);
  const older = await read<SyncPage>(`/api/syncs?stack=shown&limit=1&cursor=${page.next}`, 'syncs');
  const sync = await read<SyncBody>(`/api/syncs/${older.items[0]!.id}`, 'sync');
  expect(sync.state.services).toEqual(['db', 'web']);
  expect(sync.plan!.steps.length).toBeGreaterThan(4);
  expect(sync.plan!.steps.map(({ status }) => status)).toEqual(sync.plan!.steps.map(() => 'succeeded'));
  expect(sync.events.length).toBeGreaterThanOrEqual(sync.plan!.steps.length);
});

test('the search finds stacks, services and images in any case, and an attempt by its number', async () => {
  const found = await read<SearchPage>('/api/search?q=SHOW', 'search');
  expect(found.items).toMatchObject([{ kind: 'stack', stack: 'shown' }]);
  const byImage = await read<SearchPage>(`/api/search?q=${encodeURIComponent(images.web1)}`, 'search');
  expect(byImage.total).toBe(3);
  const [latest] = (await read<SyncPage>('/api/syncs?limit=1', 'syncs')).items;
  const byId = await read<SearchPage>(`/api/search?q=${latest!.id}`, 'search');
  expect(byId.items[0]).toMatchObject({ kind: 'sync', sync: latest!.id });
});

test('what happens is told live, and who was away is told what was missed', async () => {
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const told: LiveBody[] = [];
  const listen = (url: string): { end: () => void } => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${url}`);
    socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as LiveBody));
    return { end: () => socket.terminate() };
  };
  const tell = (): void => live.hear({ kind: 'stackGone', stack: name('shown') });
  const kinds = (): readonly string[] => told.map(({ kind }) => kind);
  const first = listen('/api/live');
  await until('the event is told', () => kinds().includes('joined'));
  tell();
  await until('the event is told', () => kinds().includes('stackGone'));
  first.end();
  const { cursor } = told.at(-1)!;
  tell();
  told.length = 0;
  const second = listen(`/api/live?cursor=${cursor}`);
  await until('the event is told', () => kinds().includes('joined'));
  expect(kinds()).toEqual(['stackGone', 'joined']);
  expect(told.every((event) => ajv.validate(`${apiSchema.$id}#/properties/live`, event))).toBe(true);
  second.end();
  told.length = 0;
  const third = listen('/api/live?cursor=1');
  await until('the event is told', () => kinds().length > 0);
  expect(kinds()).toEqual(['missed']);
  third.end();
});

test('the metrics count what happened and say what is the case', async () => {
  const { body, headers } = await server.inject({ url: '/metrics' });
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('plimsoll_build_info{version="0.0.0"} 1');
  expect(body).toContain('plimsoll_services{sync_status="synced",health="healthy"} 3');
  expect(body).toContain('plimsoll_stack_synced{stack="shown",source="test"} 1');
  expect(body).toContain('plimsoll_engine_up{engine="default"} 1');
  expect(body).toMatch(/plimsoll_sync_duration_seconds_count\{outcome="succeeded",trigger="start"\} 2/);
});

test('what was said on pull requests is shown, the open ones first of all', async () => {
  const record: ReviewRecord = {
    source: name('test'),
    number: 7,
    url: 'https://forge.example.org/acme/gitops/pull/7',
    state: 'open',
    head: revision('a'.repeat(40)),
    version: '1',
    title: '1 to change',
    conclusion: 'actionRequired',
    findings: [{ stack: name('shown'), code: 'DL101', resource: 'volume data', publishedAt: 5 }],
    reviewedAt: 5,
    approvals: [],
    comment: { id: '1', url: 'https://forge.example.org/c/1', digest: 'sha256:0' },
    check: null,
    mergedAs: null,
    checkedAt: 6,
    error: null,
  };
  await fleet.world.store.recordReview(record);
  await fleet.world.store.recordReview({ ...record, number: 6, state: 'merged' });
  const open = await read<ReviewPage>('/api/reviews', 'reviews');
  expect(open.items).toMatchObject([{ number: 7, conclusion: 'actionRequired', title: record.title }]);
  const all = await read<ReviewPage>('/api/reviews?state=all', 'reviews');
  expect(all.items.map(({ number }) => number)).toEqual([7, 6]);
});

test('the system names its engines and sources', async () => {
  const system = await read<SystemBody>('/api/system', 'system');
  expect(system).toMatchObject({ version: '0.0.0', engines: [{ engine: 'default', error: null }] });
  expect(system.sources).toMatchObject([{ source: 'test', stacks: 2, error: null }]);
});

test.each([
  { who: 'somebody on this host', from: '127.0.0.1', headers: local, status: 200 },
  { who: 'somebody on this host by IPv6', from: '::1', headers: { host: '[::1]:8484' }, status: 200 },
  { who: 'somebody elsewhere', from: '192.0.2.7', headers: local, status: 401 },
  { who: 'a bearer of the token', from: '192.0.2.7', headers: bearing(token), status: 200 },
  { who: 'a bearer of another token', from: '192.0.2.7', headers: bearing(`${token}!`), status: 401 },
  { who: 'a page of a foreign name', from: '127.0.0.1', headers: { host: 'evil.example.org' }, status: 401 },
  {
    who: 'a page of another origin',
    from: '127.0.0.1',
    headers: { ...local, origin: 'http://evil' },
    status: 401,
  },
  { who: 'a proxy', from: '127.0.0.1', headers: { ...local, 'x-forwarded-for': '127.0.0.1' }, status: 401 },
])('$who is answered with $status', async ({ from, headers, status }) => {
  const response = await server.inject({ url: '/api/overview', remoteAddress: from, headers });
  expect(response.statusCode).toBe(status);
  if (status === 401) expect(response.json()).toMatchObject({ error: { code: 'Unauthorized' } });
});

function bearing(shown: string): Record<string, string> {
  return { host: 'plimsoll.example.org', authorization: `Bearer ${shown}` };
}

test.each([
  ['/api/stacks/none', 404, 'StackUnknown'],
  ['/api/stacks/..%2Fetc', 404, 'StackUnknown'],
  ['/api/services/shown/none', 404, 'RecordNotFound'],
  ['/api/syncs/0', 404, 'RecordNotFound'],
  ['/api/syncs/1%20or%201=1', 404, 'RecordNotFound'],
  ['/api/syncs?cursor=x', 400, 'ConfigInvalid'],
  ['/api/stacks?cursor=%ff', 400, 'RequestInvalid'],
  ['/api/stacks?limit=0', 400, 'RequestInvalid'],
  ['/api/stacks?limit=101', 400, 'RequestInvalid'],
  ['/api/stacks?colour=red', 400, 'RequestInvalid'],
  ['/api/search', 400, 'RequestInvalid'],
])('%s is answered with %i %s', async (url, status, code) => {
  const response = await server.inject({ url });
  expect([response.statusCode, response.json()]).toEqual([
    status,
    { error: { code, message: expect.stringMatching(/\.$/) } },
  ]);
  expect(ajv.validate(`${apiSchema.$id}#/properties/error`, response.json())).toBe(true);
  expect(bugs).toEqual([]);
});
