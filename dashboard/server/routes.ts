import type { Api } from '../../reconciler/model/generated/api.ts';
import { readOverview } from './overview.ts';
import { readDeliveries } from './deliveries.ts';
import { readDrift } from './drift.ts';
import { listServices, listStacks } from './lists.ts';
import type { Reading } from './reading.ts';
import { readReviews } from './reviews.ts';
import { search } from './search.ts';
import { readService } from './service.ts';
import { readStack } from './stack.ts';
import { readSync, readSyncs } from './syncs.ts';
import { readSystem } from './system.ts';
import { page, filters, texts, type Question } from './question.ts';

/** Something that can be asked for. There is no way to say anything but "read". */
export interface Route<Name extends keyof Api = keyof Api> {
  readonly path: string;
  /** Which body of the schema it answers with. */
  readonly body: Name;
  readonly summary: string;
  /** JSON Schema of each parameter that may stand behind the `?`. */
  readonly query: Readonly<Record<string, object>>;
  /** Those without which nothing can be answered. */
  readonly required?: readonly string[];
  readonly answer: (reading: Reading, question: Question) => Promise<NonNullable<Api[Name]>>;
}

/** All that the API answers. */
export const routes: readonly Route[] = [
  route({
    path: '/api/overview',
    body: 'overview',
    summary: 'The one line that says the truth, as numbers',
    query: {},
    answer: async (reading) => readOverview(reading),
  }),
  route({
    path: '/api/stacks',
    body: 'stacks',
    summary: 'Stacks at a glance',
    query: { ...filters.state, source: texts.name, sort: filters.sort, ...page },
    answer: async (reading, { query }) => listStacks(reading, query),
  }),
  route({
    path: '/api/stacks/:stack',
    body: 'stack',
    summary: 'A stack in full, with what a sync would do now',
    query: {},
    answer: (reading, { path: { stack = '' }, signal }) => readStack(reading, stack, signal),
  }),
  route({
    path: '/api/services',
    body: 'services',
    summary: 'Services at a glance',
    query: { ...filters.state, stack: texts.name, owner: texts.short, sort: filters.sort, ...page },
    answer: async (reading, { query }) => listServices(reading, query),
  }),
  route({
    path: '/api/services/:stack/:service',
    body: 'service',
    summary: 'A service in full: what should be beside what is',
    query: {},
    answer: (reading, { path: { stack = '', service = '' }, signal }) =>
      readService(reading, { stack, service }, signal),
  }),
  route({
    path: '/api/syncs',
    body: 'syncs',
    summary: 'Attempts, newest first',
    query: { stack: texts.name, service: texts.name, outcome: filters.outcome, ...page },
    answer: (reading, { query }) => readSyncs(reading, query),
  }),
  route({
    path: '/api/syncs/:id',
    body: 'sync',
    summary: 'An attempt in full: the plan as it was, and each step of it',
    query: {},
    answer: (reading, { path: { id = '' } }) => readSync(reading, id),
  }),
  route({
    path: '/api/drift',
    body: 'drift',
    summary: 'What moved without a commit: now, oldest first; or with what is over, newest first',
    query: {
      stack: texts.name,
      service: texts.name,
      state: filters.open,
      since: filters.since,
      limit: page.limit,
    },
    answer: (reading, { query }) => readDrift(reading, query),
  }),
  route({
    path: '/api/reviews',
    body: 'reviews',
    summary: 'Pull requests with what was said on them: the open ones, or all',
    query: { state: filters.open, ...page },
    answer: (reading, { query }) => readReviews(reading, query),
  }),
  route({
    path: '/api/deliveries',
    body: 'deliveries',
    summary: 'What webhooks brought lately, and what came of it, newest first',
    query: { receiver: texts.name, limit: page.limit },
    answer: (reading, { query }) => readDeliveries(reading, query),
  }),
  route({
    path: '/api/system',
    body: 'system',
    summary: 'Plimsoll itself: its engines and sources, the unhealthy first',
    query: {},
    answer: async (reading) => readSystem(reading),
  }),
  route({
    path: '/api/search',
    body: 'search',
    summary: 'Stacks, services and attempts that a text occurs in',
    query: { q: texts.search, ...page },
    required: ['q'],
    answer: (reading, { query }) => search(reading, { ...query, q: query.q ?? '' }),
  }),
];

/** Each answer is held to the body that it names. */
function route<Name extends keyof Api>(of: Route<Name>): Route {
  return of;
}
