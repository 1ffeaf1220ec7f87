import type { Dependency } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { awaitOperation } from './instance-moves.ts';
import { slotAvailability } from './conditions.ts';
import type { Blocks } from './block.ts';
import type { DraftStep } from './order.ts';
import { lendersOf } from './service-order.ts';
import type { Slot } from './slots.ts';
import { existing, instanceLabel } from './step-ids.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** By instance label: the steps of an instance after which it is started, and has proven itself. */
export interface Milestones {
  readonly started: ReadonlyMap<string, string>;
  readonly proven: ReadonlyMap<string, string>;
  /** By service: the last steps of each of its instances. */
  readonly final: ReadonlyMap<Name, readonly string[]>;
}

export interface Gate {
  /** What the starts of the service wait for. */
  readonly after: readonly string[];
  /** Waits for instances that nothing else is planned for. */
  readonly steps: readonly DraftStep[];
}

export interface GateContext {
  readonly survey: Survey;
  readonly blocks: Blocks;
  /** Of the services that come before. */
  readonly milestones: Milestones;
}

/** What a service must wait for before it starts: its dependencies in their conditions, and those it shares with. */
export function gateOf({ service }: ServiceSurvey, context: GateContext): Gate {
  const gates = service.dependsOn.map((dependency) => gateFor(dependency, service.name, context));
  const lenders = lendersOf(service).flatMap((lender) => context.milestones.final.get(lender) ?? []);
  return {
    after: [...new Set([...gates.flatMap(({ after }) => after), ...lenders])],
    steps: gates.flatMap(({ steps }) => steps),
  };
}

const open: Gate = { after: [], steps: [] };

/** One that is not required must not hold anything up, so nothing waits for it. */
function gateFor(dependency: Dependency, dependent: Name, context: GateContext): Gate {
  const { survey, blocks, milestones } = context;
  const of = survey.services.find(({ service }) => service.name === dependency.service);
  if (of === undefined || !dependency.required) return open;
  if (dependency.condition === 'service_started')
    return { after: reachedOf(of, milestones.started), steps: [] };
  const after = reachedOf(of, milestones.proven);
  if (blocks.has(of.service.name)) return { after, steps: [] };
  const steps = of.slots
    .filter(({ number }) => !milestones.proven.has(instanceLabel(of.service.name, number)))
    .flatMap((slot) => waitFor(slot, of, { dependency, dependent }));
  return { after: [...after, ...steps.map(({ id }) => id)], steps };
}

function reachedOf(
  { service, slots }: ServiceSurvey,
  reached: ReadonlyMap<string, string>,
): readonly string[] {
  return slots.flatMap(({ number }) => reached.get(instanceLabel(service.name, number)) ?? []);
}

interface Dependence {
  readonly dependency: Dependency;
  readonly dependent: Name;
}

/** For an instance that nothing else is planned for and that is not as it must be yet. */
function waitFor(slot: Slot, of: ServiceSurvey, { dependency, dependent }: Dependence): readonly DraftStep[] {
  const { number, keeper } = slot;
  if (keeper === null || slotAvailability(slot, dependency.condition, of).kind !== 'coming') return [];
  const { name } = of.service;
  return [
    {
      id: `await ${instanceLabel(name, number)}`,
      after: [],
      preferAfter: [],
      resource: { kind: 'instance', service: name, instance: number },
      operation: awaitOperation(of, existing(keeper.container)),
      because: `${dependent} depends on it`,
    },
  ];
}
