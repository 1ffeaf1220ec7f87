import { formatResource, type Cause, type Change, type ChangeClass, type Resource } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import { classifySlot } from './classify.ts';
import type { ContainerChange } from './compare.ts';
import type { Difference } from './difference.ts';
import { causeOfExtra } from './evidence.ts';
import { isCreating, type Slot } from './slots.ts';
import { surveyStack, type ServiceSurvey, type Survey } from './survey.ts';

export interface DiffOptions {
  /** Last versions that were healthy: they tell a commit from drift more exactly than labels alone. */
  readonly stable?: readonly StableService[];
  readonly inventory?: readonly InventoryItem[];
}

/**
 * Everything in which what runs differs from what should, field by field, each with its cause and with what mending it
 * would do. Nothing is left out: what a policy only shows is in here too.
 */
export function diffStack(
  desired: DesiredStack,
  observed: ObservedState,
  { stable = [], inventory = [] }: DiffOptions = {},
): readonly Change[] {
  return changesOf(
    surveyStack({
      desired,
      observed,
      stable,
      inventory,
      open: [],
      reached: new Set(),
      untouched: new Set(),
      blocked: new Set(),
    }),
  );
}

export function changesOf(survey: Survey): readonly Change[] {
  const services = survey.services.toSorted((a, b) => compareText(a.service.name, b.service.name));
  return [
    ...services.flatMap((service) => serviceChanges(service, survey)),
    ...survey.leftovers.flatMap(({ containers }) =>
      containers.map((container) => removal(container, commit)),
    ),
    ...networkChanges(survey),
    ...volumeChanges(survey),
  ];
}

const commit: Cause = { kind: 'commit' };
const unfinished: Cause = { kind: 'unfinished' };

function serviceChanges(of: ServiceSurvey, survey: Survey): readonly Change[] {
  return [
    ...of.slots.flatMap((slot) => slotChanges(slot, of, survey)),
    ...of.extras.map((container) => removal(container, causeOfExtra(of, container))),
    ...of.copies.map((container) => removal(container, { kind: 'drift' })),
  ];
}

function slotChanges(slot: Slot, of: ServiceSurvey, survey: Survey): readonly Change[] {
  const resource: Resource = { kind: 'instance', service: of.service.name, instance: slot.number };
  const { keeper, old, surplus, absence, renamed } = slot;
  if (renamed !== null) {
    const { container, name, cause } = renamed;
    return [
      { kind: 'modify', resource, class: 'inPlace', cause, path: 'name', from: container.name, to: name },
    ];
  }
  const leftovers = surplus.map((container) => removal(container, unfinished));
  if (absence !== null) return [{ kind: 'add', resource, class: 'create', cause: absence.cause }];
  if (keeper !== null) {
    const doubled = old === null ? [] : [removal(old.container, unfinished)];
    return [
      ...keeper.changes.map((change) => modification(resource, change, null)),
      ...doubled,
      ...leftovers,
    ];
  }
  if (old === null) {
    return isCreating(slot)
      ? [{ kind: 'add', resource, class: 'create', cause: unfinished }, ...leftovers]
      : leftovers;
  }
  const { class: replaced } = classifySlot(slot, of, survey);
  return [...old.changes.map((change) => modification(resource, change, replaced)), ...leftovers];
}

function modification(resource: Resource, change: ContainerChange, replaced: ChangeClass | null): Change {
  const { path, from, to, cause, mend } = change;
  return { kind: 'modify', resource, class: replaced ?? classOf(mend), cause, path, from, to };
}

function classOf(mend: ContainerChange['mend']): ChangeClass {
  return mend === 'replace' ? 'recreate' : 'inPlace';
}

function removal({ ownership, instance }: ObservedContainer, cause: Cause): Change {
  return {
    kind: 'remove',
    resource: { kind: 'instance', service: ownership.resource, instance },
    class: 'delete',
    cause,
  };
}

function networkChanges({ networks, reached }: Survey): readonly Change[] {
  const wanted = networks.wanted.flatMap(
    ({ network, condition, differences, isInInventory }): readonly Change[] => {
      const resource: Resource = { kind: 'network', name: network.name };
      if (condition === 'missing') return network.external ? [] : [addition(resource, isInInventory)];
      const mending = { class: 'recreate', cause: causeOfDefinition(resource, reached) } as const;
      return differences.map((difference) => definitionChange(resource, difference, mending));
    },
  );
  const leftovers = networks.leftovers.map(({ name }): Change => {
    return { kind: 'remove', resource: { kind: 'network', name }, class: 'delete', cause: commit };
  });
  return [...wanted, ...leftovers];
}

/** A volume that is kept, or whose labels cannot be changed, is as it should be as far as anything can be done. */
function volumeChanges({ stack, volumes, reached }: Survey): readonly Change[] {
  const wanted = volumes.wanted.flatMap(
    ({ volume, condition, differences, isInInventory }): readonly Change[] => {
      const resource: Resource = { kind: 'volume', name: volume.name };
      if (condition === 'missing') return volume.external ? [] : [addition(resource, isInInventory)];
      return condition === 'changed'
        ? differences.map((difference) =>
            definitionChange(resource, difference, {
              class: 'dataLoss',
              cause: causeOfDefinition(resource, reached),
            }),
          )
        : [];
    },
  );
  const unwanted = stack.sync.pruneVolumes ? volumes.leftovers : [];
  const leftovers = unwanted.map(({ name }): Change => {
    return { kind: 'remove', resource: { kind: 'volume', name }, class: 'dataLoss', cause: commit };
  });
  return [...wanted, ...leftovers];
}

function addition(resource: Resource, wasThere: boolean): Change {
  return { kind: 'add', resource, class: 'create', cause: { kind: wasThere ? 'drift' : 'commit' } };
}

interface Mending {
  readonly class: ChangeClass;
  readonly cause: Cause;
}

function definitionChange(resource: Resource, { path, from, to }: Difference, mending: Mending): Change {
  return { kind: 'modify', resource, ...mending, path, from, to };
}

/** What was in place once as it is wanted now was made anew by somebody else. */
function causeOfDefinition(resource: Resource, reached: ReadonlySet<string>): Cause {
  return reached.has(formatResource(resource)) ? { kind: 'drift' } : commit;
}
