import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import { compareContainer, type Comparison, type Reading } from './compare.ts';
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
  /** By container id: why it has to stop before its successor starts. */
  readonly yielding: ReadonlyMap<string, string>;
}

export interface ServiceSurvey {
  readonly service: DesiredService;
  readonly stable: StableService | null;
  readonly slots: readonly Slot[];
  /** Beyond the wanted number of replicas, highest first. */
  readonly extras: readonly ObservedContainer[];
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
  /** Services to leave exactly as they are. */
  readonly untouched: ReadonlySet<Name>;
}

export function surveyStack({ desired, observed, stable, inventory, untouched }: SurveyInput): Survey {
  const lookup = lookupOf(observed);
  const stableByName = new Map(stable.map((service) => [service.service, service]));
  const present = lookup.services.get(desired.name) ?? new Map<Name, readonly ObservedContainer[]>();
  const expectation = createExpectation(observed);
  const surveyed = new Map<Name, ServiceSurvey>();
  for (const service of inDependencyOrder(desired.services.filter(({ name }) => !untouched.has(name)))) {
    const origin = { service, stable: stableByName.get(service.name) ?? null };
    const comparison = { ...origin, observed, lookup, expectation };
    const containers = present.get(service.name) ?? [];
    surveyed.set(service.name, surveyService(desired, { comparison, containers, surveyed }));
  }
  const wanted = new Set(desired.services.map(({ name }) => name));
  const leftovers = [...present]
    .filter(([service]) => !wanted.has(service))
    .map(([service, containers]) => ({ service, containers, stable: stableByName.get(service) ?? null }));
  return {
    stack: desired,
    observed,
    lookup,
    expectation,
    services: [...surveyed.values()],
    leftovers: leftovers.sort((a, b) => compareText(a.service, b.service)),
    networks: surveyNetworks(desired, lookup, inventory),
    volumes: surveyVolumes(desired, lookup, inventory),
    yielding: findYielding(desired.services, lookup),
  };
}

interface Surroundings {
  readonly comparison: Comparison;
  readonly containers: readonly ObservedContainer[];
  readonly surveyed: ReadonlyMap<Name, ServiceSurvey>;
}

function surveyService(
  stack: DesiredStack,
  { comparison, containers, surveyed }: Surroundings,
): ServiceSurvey {
  const { service, stable } = comparison;
  const readings: readonly Reading[] = containers
    .map((container) => compareContainer(container, comparison))
    .map((reading) => withDependencyChanges(reading, { service, surveyed, lookup: comparison.lookup }));
  return {
    service,
    stable,
    slots: assignSlots(stack, readings, { service, stable }),
    extras: extraInstances(service, readings),
  };
}
