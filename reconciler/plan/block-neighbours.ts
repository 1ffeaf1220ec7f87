import type { Dependency, DesiredService } from '../model/desired.ts';
import { blockOf, type Block, type BlockContext } from './block.ts';
import { availability } from './conditions.ts';
import { fixedPorts, formatPort, holdersOfPort, type PortHolder } from './ports.ts';
import { lendersOf } from './service-order.ts';
import { isCreating, type Slot } from './slots.ts';
import { isUp } from './state.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** A host port that we need is held by somebody who will not let go of it. */
export function portBlock(of: ServiceSurvey, context: BlockContext): Block | null {
  const { service, slots } = of;
  const { survey } = context;
  const starting = slots.filter((slot) => isCreating(slot) || mustStart(slot));
  for (const { keeper, old } of starting) {
    const spec = keeper?.expected ?? survey.expectation.ofNewcomer(service, old?.container ?? null);
    for (const port of fixedPorts(spec)) {
      const holder = holdersOfPort(survey.lookup.ports, port).find((held) => !letsGo(held, of, context));
      if (holder === undefined) continue;
      return blockOf(service, {
        code: 'PT101',
        because: `host port ${formatPort(port)} is held by container ${holder.container}${ofStack(holder, survey)}`,
        remedy: `Stop that container or publish another host port.`,
      });
    }
  }
  return null;
}

/** ` of stack blog`, where it is one of ours. */
function ofStack({ ours }: PortHolder, { stack }: Survey): string {
  return ours === null || ours.ownership.stack === stack.name ? '' : ` of stack ${ours.ownership.stack}`;
}

function mustStart({ keeper }: Slot): boolean {
  return (
    keeper !== null &&
    !isUp(keeper.container.state) &&
    keeper.changes.some(({ mend, isActing }) => mend === 'state' && isActing)
  );
}

/** It is the service's own, or goes away in this plan without a successor that wants the port. */
function letsGo(
  { ours }: PortHolder,
  { service }: ServiceSurvey,
  { survey, willPrune, blocks }: BlockContext,
): boolean {
  if (ours === null || ours.ownership.stack !== survey.stack.name) return false;
  const owner = ours.ownership.resource;
  if (owner === service.name || willPrune.has(owner)) return true;
  const other = survey.services.find((candidate) => candidate.service.name === owner);
  if (other === undefined || blocks.has(owner)) return false;
  return other.extras.includes(ours) || other.slots.some((slot) => isLeaving(slot, ours.id));
}

function isLeaving({ keeper, old, surplus }: Slot, id: string): boolean {
  return (
    keeper?.container.id !== id &&
    (old?.container.id === id || surplus.some((container) => container.id === id))
  );
}

/** Nobody starts what depends on something that will not come. */
export function dependencyBlock(
  { service, slots }: ServiceSurvey,
  { survey, blocks }: BlockContext,
): Block | null {
  if (!slots.some((slot) => isCreating(slot) || mustStart(slot))) return null;
  for (const dependency of requiredBy(service)) {
    const state = availability(dependency, survey, blocks);
    if (state.kind !== 'out') continue;
    return blockOf(service, {
      code: 'DP101',
      because: `it depends on ${dependency.service}, which ${state.why}`,
      remedy: `Mend ${dependency.service}, or depend on it with "required: false".`,
    });
  }
  return null;
}

/** What it says that it depends on, and those whose namespaces it shares. */
function requiredBy(service: DesiredService): readonly Dependency[] {
  const lenders = lendersOf(service).map((lender): Dependency => {
    return { service: lender, condition: 'service_started', required: true, restart: false };
  });
  return [...service.dependsOn.filter(({ required }) => required), ...lenders];
}
