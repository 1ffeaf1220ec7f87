import type { DraftStep } from './order.ts';
import { fixedPorts, holdersOfPort } from './ports.ts';
import type { ServiceSurvey, Survey } from './survey.ts';
import type { Slot } from './slots.ts';

/**
 * Lets a start wait for the stop of whoever holds its host port now, such as a service that goes away or moves to
 * another port in the same commit.
 */
export function afterPortsAreFree(drafts: readonly DraftStep[], survey: Survey): readonly DraftStep[] {
  const stops = stopsByContainer(drafts);
  if (stops.size === 0) return drafts;
  const waits = new Map<string, readonly string[]>();
  for (const of of survey.services.filter(({ service }) => (service.container.ports ?? []).length > 0)) {
    for (const slot of of.slots) {
      const holders = holdersFor(of, slot, survey);
      waits.set(
        `start ${of.service.name}.${slot.number}`,
        holders.flatMap((id) => stops.get(id) ?? []),
      );
    }
  }
  return drafts.map((draft) => ({ ...draft, after: [...draft.after, ...(waits.get(draft.id) ?? [])] }));
}

function holdersFor(
  { service }: ServiceSurvey,
  { keeper, old }: Slot,
  { lookup, expectation }: Survey,
): readonly string[] {
  const spec = keeper?.expected ?? expectation.ofNewcomer(service, old?.container ?? null);
  const holders = fixedPorts(spec).flatMap((port) => holdersOfPort(lookup.ports, port));
  return holders.flatMap(({ ours }) => (ours === null || ours.id === keeper?.container.id ? [] : [ours.id]));
}

function stopsByContainer(drafts: readonly DraftStep[]): ReadonlyMap<string, string> {
  const stops = new Map<string, string>();
  for (const { id, operation } of drafts) {
    if (operation.kind === 'stopContainer' && operation.target.kind === 'container')
      stops.set(operation.target.id, id);
  }
  return stops;
}
