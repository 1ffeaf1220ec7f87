import type {
  ServicePage,
  ServiceStateBody,
  StackPage,
  StackStateBody,
} from '../../reconciler/model/generated/api.ts';
import { pageOf } from './page.ts';
import type { Parameters, Sorting } from './question.ts';
import type { Reading } from './reading.ts';
import { serviceStates, stackStates } from './states.ts';

export function listStacks({ world }: Reading, query: Parameters): StackPage {
  const stacks = stackStates(world).filter(
    (state) => isOfState(state, query) && (query.source === undefined || state.source === query.source),
  );
  return pageOf(stacks, query, {
    at: world.clock.now(),
    keyOf: (state) => keyOf({ ...state, checkedAt: state.lastCheckedAt, name: state.stack }, query.sort),
  });
}

export function listServices({ world }: Reading, query: Parameters): ServicePage {
  const services = serviceStates(world).filter(
    (state) =>
      isOfState(state, query) &&
      (query.stack === undefined || state.stack === query.stack) &&
      (query.owner === undefined || state.owner === query.owner),
  );
  return pageOf(services, query, {
    at: world.clock.now(),
    keyOf: (state) => keyOf({ ...state, name: `${state.stack}/${state.service}` }, query.sort),
  });
}

type State = Pick<StackStateBody | ServiceStateBody, 'syncStatus' | 'health'>;

function isOfState({ syncStatus, health }: State, wanted: Parameters): boolean {
  return (
    (wanted.syncStatus === undefined || wanted.syncStatus === syncStatus) &&
    (wanted.health === undefined || wanted.health === health)
  );
}

interface Sortable extends State {
  readonly name: string;
  readonly checkedAt: number | null;
}

/** Keys are compared as text, so numbers are written to one length. */
function keyOf(state: Sortable, sort: Sorting = 'name'): string {
  switch (sort) {
    case 'name':
      return state.name;
    case 'attention':
      return `${healthOrder[state.health]}${syncOrder[state.syncStatus]}/${state.name}`;
    case 'checked':
      return `${String(state.checkedAt ?? 0).padStart(15, '0')}/${state.name}`;
    default:
      return sort satisfies never;
  }
}

const healthOrder: Readonly<Record<State['health'], number>> = {
  degraded: 0,
  missing: 1,
  unknown: 2,
  progressing: 3,
  suspended: 4,
  healthy: 5,
};

const syncOrder: Readonly<Record<State['syncStatus'], number>> = { outOfSync: 0, unknown: 1, synced: 2 };
