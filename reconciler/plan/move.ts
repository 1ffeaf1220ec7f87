import type { Resource } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import { serviceOf, type DriftInterval } from '../model/drift.ts';
import type { Name } from '../model/ids.ts';
import type { Decision, Plan, Step } from '../model/plan.ts';
import type { InventoryItem } from '../model/ports.ts';
import { itemsOn, type LeftEngine, type MoveInput } from './left-engine.ts';
import { arrangeMove } from './move-order.ts';
import { moveFindings, unseenFinding } from './move-review.ts';
import { whyNotProven } from './move-proof.ts';
import { noDowntime } from './leftover-decision.ts';
import { planStack } from './plan.ts';

/** What is to be done on an engine that is left, as parts of the stack's plan. */
export type Departure = Pick<Plan, 'changes' | 'findings' | 'decisions' | 'steps'>;

/**
 * The plan of a stack that may still have something on engines that it left. The new engine comes first, and what is on
 * the old one goes when all of it has proven itself on the new; unless a service says `recreate`, which is to say that
 * two of it side by side do harm. Data stays where it is, and that is for a person to accept.
 */
export function planMove(input: MoveInput): Plan {
  const { desired, inventory, left } = input;
  const own = planStack({ ...arriving(input), inventory: itemsOn(desired.engine, inventory) });
  if (left.length === 0) return own;
  const postponed = whyNotProven(own, input);
  const departures = left.map((one) => departureFrom(one, input, postponed));
  return {
    ...own,
    changes: own.changes.concat(departures.flatMap(({ changes }) => changes)),
    findings: own.findings.concat(
      moveFindings(input),
      departures.flatMap(({ findings }) => findings),
    ),
    decisions: own.decisions.concat(departures.flatMap(({ decisions }) => decisions)),
    steps: arrangeMove(
      desired,
      own.steps,
      departures.flatMap(({ steps }) => steps),
    ),
  };
}

/**
 * A service that is still recorded on another engine never was on this one: that it is not there is no drift, whatever
 * happened to it elsewhere. Only what a held one returns to still counts.
 */
function arriving(input: MoveInput): MoveInput {
  const { desired, inventory, holds, stable, drift } = input;
  const elsewhere = inventory.filter(({ engine, kind }) => engine !== desired.engine && kind === 'service');
  const moving = new Set(elsewhere.map(({ name }) => name));
  if (moving.size === 0) return input;
  const isHeld = (service: Name): boolean =>
    holds.some((hold) => hold.kind === 'rejected' && hold.service === service);
  const isOther = ({ resource }: DriftInterval): boolean => {
    const service = serviceOf(resource);
    return service === null || !moving.has(service);
  };
  return {
    ...input,
    stable: stable.filter(({ service }) => !moving.has(service) || isHeld(service)),
    drift: { ...drift, open: drift.open.filter(isOther), heals: drift.heals.filter(isOther) },
  };
}

function departureFrom(left: LeftEngine, input: MoveInput, postponed: string | null): Departure {
  switch (left.kind) {
    case 'seen':
      return postponed === null ? removalFrom(left, input) : stayOn(left, input, postponed);
    case 'unseen': {
      const why = `engine ${left.engine} cannot be reached`;
      return { ...stayOn(left, input, why), findings: [unseenFinding(left, input)] };
    }
    default:
      return left satisfies never;
  }
}

/** As if the stack had left its source, but for that engine only. */
function removalFrom(
  { engine, observed }: Extract<LeftEngine, { readonly kind: 'seen' }>,
  input: MoveInput,
): Departure {
  const { desired, inventory } = input;
  const isMoved = desired.services.length > 0;
  const plan = planStack({
    ...input,
    observed,
    desired: nothingOn(engine, desired),
    inventory: itemsOn(engine, inventory),
    takeover: null,
    drift: { open: [], heals: [], reached: new Set() },
  });
  const because = isMoved ? `the stack runs on ${desired.engine} now` : null;
  const around = { engine, because };
  return {
    changes: plan.changes.map((change) => placed(change, engine)),
    // That nothing of it stays there is what a move is.
    findings: plan.findings
      .filter(({ code }) => !isMoved || code !== 'MD101')
      .map((finding) => placed(finding, engine)),
    decisions: plan.decisions.map((decision) => decisionThere(decision, around)),
    steps: plan.steps.map((step) => stepThere(step, around)),
  };
}

function placed<Part extends { readonly resource: Resource }>(part: Part, engine: Name): Part {
  return { ...part, resource: elsewhere(engine, part.resource) };
}

interface Around {
  readonly engine: Name;
  /** What is said instead of the planner's own reason; null keeps that. */
  readonly because: string | null;
}

function decisionThere(decision: Decision, { engine, because }: Around): Decision {
  const isRemoved = decision.verdict === 'delete' || decision.verdict === 'dataLoss';
  const why = isRemoved ? because : null;
  return { ...placed(decision, engine), because: why ?? decision.because };
}

function stepThere(step: Step, { engine, because }: Around): Step {
  return {
    ...placed(step, engine),
    id: `${step.id} on ${engine}`,
    after: step.after.map((id) => `${id} on ${engine}`),
    because: because ?? step.because,
  };
}

function stayOn({ engine }: LeftEngine, { inventory }: MoveInput, why: string): Departure {
  const decisions = itemsOn(engine, inventory).map((item) => ({
    resource: elsewhere(engine, resourceOf(item)),
    verdict: 'ignored' as const,
    because: `it stays for now, because ${why}`,
    downtime: noDowntime,
  }));
  return { changes: [], findings: [], decisions, steps: [] };
}

function nothingOn(engine: Name, { name, sync }: DesiredStack): DesiredStack {
  return { name, engine, dependsOn: [], services: [], networks: [], volumes: [], sync };
}

function elsewhere(engine: Name, resource: Resource): Resource {
  return resource.kind === 'elsewhere' ? resource : { kind: 'elsewhere', engine, resource };
}

function resourceOf({ kind, name }: InventoryItem): Resource {
  return kind === 'service' ? { kind, service: name } : { kind, name };
}
