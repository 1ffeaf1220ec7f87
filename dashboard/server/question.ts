import type { SyncOutcome } from '../../reconciler/model/event.ts';
import { longestPage } from './page.ts';

/** A request, once it was checked against the route's schema. */
export interface Question {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Parameters;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

export interface Parameters {
  readonly limit?: number;
  readonly cursor?: string;
  readonly syncStatus?: string;
  readonly health?: string;
  readonly source?: string;
  readonly stack?: string;
  readonly service?: string;
  readonly owner?: string;
  readonly receiver?: string;
  readonly outcome?: SyncOutcome;
  /** Drift that is there now, or also what is over. */
  readonly state?: 'open' | 'all';
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly sort?: Sorting;
  readonly q?: string;
}

/** `attention`: what does not run or differs first. `checked`: what was compared longest ago first. */
export type Sorting = 'name' | 'attention' | 'checked';

export const texts = {
  name: { type: 'string', minLength: 1, maxLength: 63 },
  short: { type: 'string', minLength: 1, maxLength: 200 },
  search: { type: 'string', minLength: 1, maxLength: 100 },
} as const;

export const page = {
  limit: { type: 'integer', minimum: 1, maximum: longestPage },
  cursor: { type: 'string', minLength: 1, maxLength: 500 },
} as const;

const outcomes: readonly SyncOutcome[] = [
  'unchanged',
  'succeeded',
  'partial',
  'failed',
  'waiting',
  'denied',
  'invalid',
  'unknown',
  'superseded',
  'cancelled',
  'interrupted',
];

export const filters = {
  state: {
    syncStatus: { enum: ['synced', 'outOfSync', 'unknown'] },
    health: { enum: ['healthy', 'progressing', 'suspended', 'degraded', 'missing', 'unknown'] },
  },
  outcome: { enum: outcomes },
  open: { enum: ['open', 'all'] },
  since: { type: 'integer', minimum: 0 },
  sort: { enum: ['name', 'attention', 'checked'] satisfies readonly Sorting[] },
} as const;
