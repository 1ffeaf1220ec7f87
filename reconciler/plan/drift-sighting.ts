import type { Change, Resource } from '../model/change.ts';
import type { DriftSighting } from '../model/drift.ts';
import type { DesiredService } from '../model/desired.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { StableService } from '../model/ports.ts';
import { isWithin } from './difference.ts';
import { accountOf, type Scene } from './drift-account.ts';
import { lookupOf } from './lookup.ts';
import { misnamed } from './renamed.ts';
import { instanceLabel } from './step-ids.ts';

export interface SightingInput extends Scene {
  /** Made of the same two. */
  readonly plan: Pick<Plan, 'changes'>;
  readonly stable: readonly StableService[];
}

/** Everything that moved without a commit, each with how it came about. A pure function of one look. */
export function sightDrift(input: SightingInput): readonly DriftSighting[] {
  const { plan, desired } = input;
  const moved = plan.changes.filter(({ cause }) => cause.kind === 'drift' || cause.kind === 'image');
  return [
    ...moved.map((change) => sightingOf(change, input)),
    ...desired.services.flatMap((service) => illnesses(service, input)),
    ...impostors(input),
  ];
}

function sightingOf(change: Change, scene: Scene): DriftSighting {
  const { kind, because, at } = accountOf(change, scene);
  return { ...changeKey(change), ...valuesOf(change), kind, because, at: at ?? scene.observed.at };
}

/** The thing and the field that a change is about. */
export function changeKey(change: Change): Pick<DriftSighting, 'resource' | 'field'> {
  return { resource: change.resource, field: change.kind === 'modify' ? change.path : 'presence' };
}

function valuesOf(change: Change): Pick<DriftSighting, 'found' | 'wanted'> {
  switch (change.kind) {
    case 'modify':
      return { found: change.from ?? null, wanted: change.to ?? null };
    case 'add':
      return { found: 'absent', wanted: 'present' };
    case 'remove':
      return { found: 'present', wanted: 'absent' };
    default:
      return change satisfies never;
  }
}

/** Who bears our labels without being ours is nobody's to heal; one that gets its name back is no impostor. */
function impostors({ plan, desired, observed }: SightingInput): readonly DriftSighting[] {
  const returning = new Set(
    plan.changes.flatMap((change) =>
      change.kind === 'modify' && change.path === 'name' ? [change.from] : [],
    ),
  );
  return misnamed(observed.strangers)
    .filter(({ name, claim }) => claim.stack === desired.name && !returning.has(name))
    .map(({ id, name, claim }): DriftSighting => {
      const made = observed.events.findLast((event) => event.id === id && event.action === 'create');
      const label = instanceLabel(claim.resource, claim.instance);
      return {
        resource: { kind: 'instance', service: claim.resource, instance: claim.instance },
        field: `impostors.${name}`,
        kind: 'forged',
        because: `container ${name} bears the labels of ${label} without being ours`,
        found: 'present',
        wanted: 'absent',
        at: made?.at ?? observed.at,
      };
    });
}

/** A version that was once well and is not any more; one that never was is a failed rollout, not drift. */
function illnesses(service: DesiredService, input: SightingInput): readonly DriftSighting[] {
  const { desired, observed, stable } = input;
  const { mode } = service.drift;
  const wasWell = stable.some(({ service: name, hash }) => name === service.name && hash === service.hash);
  if (!wasWell || mode === 'off' || service.lifecycle === 'job') return [];
  const instances = lookupOf(observed).services.get(desired.name)?.get(service.name) ?? [];
  return instances
    .filter(({ state }) => state.status === 'running')
    .flatMap((container) => sickness(container, observed).concat(restartLoop(container, observed)))
    .filter(({ field }) => !isWithin(field, service.drift.ignore));
}

function sickness(container: ObservedContainer, { events, at }: ObservedState): readonly DriftSighting[] {
  if (container.state.health !== 'unhealthy') return [];
  const told = events.findLast(
    ({ id, action }) => id === container.id && action === 'health_status: unhealthy',
  );
  return [
    {
      resource: instanceOf(container),
      field: 'health',
      kind: 'unhealthy',
      because: 'its health check fails',
      found: 'unhealthy',
      wanted: 'healthy',
      at: told?.at ?? at,
    },
  ];
}

/** Docker starts it again each time, so that a look may find it running for a moment. */
function restartLoop(container: ObservedContainer, { events, at }: ObservedState): readonly DriftSighting[] {
  const deaths = events.filter(
    (event) => event.id === container.id && event.action === 'die' && at - event.at < loopWithinMs,
  );
  if (container.state.restartCount === 0 || deaths.length < deathsOfALoop) return [];
  const exit = deaths.at(-1)?.details['exitCode'] ?? 'unknown';
  return [
    {
      resource: instanceOf(container),
      field: 'state',
      kind: 'restartLoop',
      because: `its process ends again and again (${container.state.restartCount} restarts, exit ${exit})`,
      found: 'restarting',
      wanted: 'running',
      at: deaths[0]?.at ?? at,
    },
  ];
}

const loopWithinMs = 60_000;
const deathsOfALoop = 3;

function instanceOf({ ownership, instance }: ObservedContainer): Resource {
  return { kind: 'instance', service: ownership.resource, instance };
}
