import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { DriftInterval } from '../model/drift.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import { compareContainer, type Comparison } from './compare.ts';
import { withDependencyChanges } from './dependents.ts';
import { createExpectation, type Expectation } from './expectation.ts';
import { lookupOf, type Lookup } from './lookup.ts';
import { surveyNetworks, type NetworkSurvey } from './networks.ts';
import { inDependencyOrder } from './service-order.ts';
import { assignSlots, extraInstances, type Slot } from './slots.ts';
import { surveyVolumes, type VolumeSurvey } from './volumes.ts';
import { findYielding } from './yielding.ts';

/** Everything of one stack, desired beside observed: what differences, findings, decisions and steps are read from. */
export interface Survey {
  readonly stack: DesiredStack;
  readonly observed: ObservedState;
  readonly lookup: Lookup;
  readonly expectation: Expectation;
  /** Dependencies before dependents. */
  readonly services: readonly ServiceSurvey[];
  /** Services that are ours and no longer wanted, by name. */
  readonly leftovers: readonly Leftover[];
  readonly networks: NetworkSurvey;
  readonly volumes: VolumeSurvey;
  /** Networks and volumes that were once in place as they are wanted now, as `network default`. */
  readonly reached: ReadonlySet<string>;
  /** By container id: why it has to stop before its successor starts. */
  readonly yielding: ReadonlyMap<string, string>;
}

export interface ServiceSurvey {
  readonly service: DesiredService;
  readonly stable: StableService | null;
  readonly slots: readonly Slot[];
  /** Beyond the wanted number of replicas, highest first, each to be removed. */
  readonly extras: readonly ObservedContainer[];
  /** The same, made by somebody else, where the drift policy only shows them. */
  readonly copies: readonly ObservedContainer[];
}

export interface Leftover {
  readonly service: Name;
  readonly stable: StableService | null;
  readonly containers: readonly ObservedContainer[];
}

export interface SurveyInput {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
  readonly stable: readonly StableService[];
  readonly inventory: readonly InventoryItem[];
  /** Drift that is recorded and not over. */
  readonly open: readonly DriftInterval[];
  /** Networks and volumes that were once in place as they are wanted now, as `network default`. */
  readonly reached: ReadonlySet<string>;
  /** Services to leave exactly as they are. */
  readonly untouched: ReadonlySet<Name>;
  /** Services that nothing can be done for, so that nobody has to follow them. */
  readonly blocked: ReadonlySet<Name>;
}

export function surveyStack(input: SurveyInput): Survey {
  const { desired, observed, stable, inventory } = input;
  const lookup = lookupOf(observed);
  const expectation = createExpectation(observed);
  return {
    stack: desired,
    observed,
    lookup,
    expectation,
    reached: input.reached,
    services: surveyServices(input, { lookup, expectation }),
    leftovers: leftoversOf(desired, lookup, stable),
    networks: surveyNetworks(desired, lookup, inventory),
    volumes: surveyVolumes(desired, lookup, inventory),
    yielding: findYielding(desired.services, lookup),
  };
}

function surveyServices(
  { desired, observed, stable, open, untouched, blocked }: SurveyInput,
  known: Pick<Survey, 'lookup' | 'expectation'>,
): readonly ServiceSurvey[] {
  const present = known.lookup.services.get(desired.name);
  const versions = new Map(stable.map((version) => [version.service, version]));
  const touched = desired.services.filter(({ name }) => !untouched.has(name));
  const neighbours = new Map<Name, ServiceSurvey>();
  return inDependencyOrder(touched).map((service) => {
    const version = versions.get(service.name) ?? null;
    const comparison = { service, stable: version, observed, open, ...known };
    const containers = present?.get(service.name) ?? [];
    const surveyed = surveyService(desired, { comparison, containers, neighbours });
    neighbours.set(service.name, blocked.has(service.name) ? asItStands(surveyed) : surveyed);
    return surveyed;
  });
}

interface Surroundings {
  readonly comparison: Comparison;
  readonly containers: readonly ObservedContainer[];
  readonly neighbours: ReadonlyMap<Name, ServiceSurvey>;
}

function surveyService(
  stack: DesiredStack,
  { comparison, containers, neighbours }: Surroundings,
): ServiceSurvey {
  const { service, stable, lookup } = comparison;
  const readings = containers
    .map((container) => compareContainer(container, comparison))
    .map((reading) => withDependencyChanges(reading, { service, neighbours, lookup }));
  return {
    service,
    stable,
    slots: assignSlots(stack, { readings, lookup, service, stable }),
    ...extraInstances(readings, { service, stable }),
  };
}

/** What its neighbours will find when nothing is done for a service. */
function asItStands(of: ServiceSurvey): ServiceSurvey {
  const slots = of.slots.map(({ number, keeper, old }): Slot => {
    const present = keeper ?? old;
    const still = present === null ? null : { ...present, changes: [] };
    return { number, keeper: still, old: null, surplus: [], absence: null, renamed: null };
  });
  return { ...of, slots };
}

/** By name. */
function leftoversOf(
  { name, services }: DesiredStack,
  lookup: Lookup,
  stable: readonly StableService[],
): readonly Leftover[] {
  const wanted = new Set(services.map((service) => service.name));
  return [...(lookup.services.get(name) ?? [])]
    .filter(([service]) => !wanted.has(service))
    .map(([service, containers]) => {
      const version = stable.find((candidate) => candidate.service === service) ?? null;
      return { service, containers, stable: version };
    })
    .sort((a, b) => compareText(a.service, b.service));
}
