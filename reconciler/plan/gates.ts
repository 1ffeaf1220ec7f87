import type { Dependency } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { awaitOperation } from './instance-moves.ts';
import { availability } from './conditions.ts';
import type { Blocks } from './block.ts';
import type { DraftStep } from './order.ts';
import { lendersOf } from './service-order.ts';
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
function gateFor(dependency: Dependency, dependent: Name, { survey, blocks, milestones }: GateContext): Gate {
  const of = survey.services.find(({ service }) => service.name === dependency.service);
  if (of === undefined || !dependency.required) return open;
  const isStarted = dependency.condition === 'service_started';
  const reached = isStarted ? milestones.started : milestones.proven;
  const planned = of.slots.flatMap(({ number }) => reached.get(instanceLabel(of.service.name, number)) ?? []);
  if (planned.length > 0 || isStarted) return { after: planned, steps: [] };
  if (availability(dependency, survey, blocks).kind !== 'coming') return open;
  const steps = of.slots.flatMap(({ number, keeper }) => {
    if (keeper === null) return [];
    const label = instanceLabel(of.service.name, number);
    return [
      {
        id: `await ${label}`,
        after: [],
        preferAfter: [],
        resource: { kind: 'instance', service: of.service.name, instance: number } as const,
        operation: awaitOperation(of, existing(keeper.container)),
        because: `${dependent} depends on it`,
      },
    ];
  });
  return { after: steps.map(({ id }) => id), steps };
}
