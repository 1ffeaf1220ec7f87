import type { Name, Revision } from '../model/ids.ts';
import type { Step } from '../model/plan.ts';
import type { Blocks } from './block.ts';
import { afterPortsAreFree } from './freeing.ts';
import { gateOf, type Milestones } from './gates.ts';
import { orderSteps, type DraftStep } from './order.ts';
import { needsOf, prepare } from './preparation.ts';
import {
  leftoverSteps,
  networkRemovals,
  removableNetworks,
  removableVolumes,
  volumeRemovals,
  type Pruning,
} from './removal.ts';
import { renewNetworks, type Renewal } from './renewal.ts';
import { serviceSteps } from './service-steps.ts';
import { instanceLabel } from './step-ids.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

export interface BuildInput {
  readonly survey: Survey;
  readonly blocks: Blocks;
  readonly pruning: Pruning;
  readonly revision: Revision | null;
  /** Accepted finding codes. */
  readonly approvals: readonly string[];
}

/** Every step of a plan: prepare, bring each service to its line, take away what is no longer wanted. */
export function buildSteps(input: BuildInput): readonly Step[] {
  const { survey, blocks, pruning, approvals } = input;
  const free = survey.services.filter(({ service }) => !blocks.has(service.name));
  const { steps: preparation, barrier } = prepare(survey, free);
  const pruned = new Set(pruning.services.map(({ service }) => service));
  const renewal = renewNetworks(survey, pruned, barrier);
  const removesAnonymousVolumes = approvals.includes('DL102');
  const services = allServiceSteps(free, { input, barrier, renewal, removesAnonymousVolumes });
  const leftovers = leftoverSteps(pruning.services, { survey, barrier, renewal, removesAnonymousVolumes });
  const drafts = [...preparation, ...renewal.steps, ...services, ...leftovers];
  const volumes = approvals.includes('DL101') ? removableVolumes(survey, pruning) : [];
  return orderSteps(
    afterPortsAreFree(
      [
        ...drafts,
        ...networkRemovals(removableNetworks(survey, pruning, blocks), drafts, barrier),
        ...volumeRemovals(volumes, survey.observed.containers, drafts),
      ],
      survey,
    ),
  );
}

interface Surroundings {
  readonly input: BuildInput;
  readonly barrier: readonly string[];
  readonly renewal: Renewal;
  readonly removesAnonymousVolumes: boolean;
}

/** Dependencies first, so that each service knows the steps that it has to wait for. */
function allServiceSteps(
  services: readonly ServiceSurvey[],
  surroundings: Surroundings,
): readonly DraftStep[] {
  const { input, barrier, renewal, removesAnonymousVolumes } = surroundings;
  const { survey, blocks, revision } = input;
  const milestones = {
    started: new Map<string, string>(),
    proven: new Map<string, string>(),
    final: new Map<Name, string[]>(),
  };
  const gates = new Map<string, DraftStep>();
  const all: DraftStep[] = [];
  for (const of of services) {
    const gate = gateOf(of, { survey, blocks, milestones });
    const needs = needsOf(of.service, survey);
    const steps = serviceSteps({
      survey,
      of,
      revision,
      gate,
      renewal,
      barrier,
      needs,
      removesAnonymousVolumes,
    });
    if (steps.some(({ operation }) => starts.has(operation.kind))) {
      for (const step of gate.steps) gates.set(step.id, step);
    }
    recordMilestones(of, steps, milestones);
    all.push(...steps);
  }
  return [...gates.values(), ...all];
}

const starts: ReadonlySet<string> = new Set(['startContainer', 'restartContainer', 'unpauseContainer']);

interface WritableMilestones extends Milestones {
  readonly started: Map<string, string>;
  readonly proven: Map<string, string>;
  readonly final: Map<Name, string[]>;
}

function recordMilestones(
  { service, slots }: ServiceSurvey,
  steps: readonly DraftStep[],
  milestones: WritableMilestones,
): void {
  const ids = new Set(steps.map(({ id }) => id));
  for (const { number } of slots) {
    const label = instanceLabel(service.name, number);
    const started = ['start', 'restart', 'unpause']
      .map((verb) => `${verb} ${label}`)
      .find((id) => ids.has(id));
    if (started !== undefined) milestones.started.set(label, started);
    if (ids.has(`await ${label}`)) milestones.proven.set(label, `await ${label}`);
  }
  milestones.final.set(service.name, finalSteps(steps));
}

/** The steps that no other step of the service waits for. */
function finalSteps(steps: readonly DraftStep[]): string[] {
  const awaited = new Set(steps.flatMap(({ after }) => after));
  return steps.map(({ id }) => id).filter((id) => !awaited.has(id));
}
