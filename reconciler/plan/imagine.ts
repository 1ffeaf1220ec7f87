import { formatResource, type Finding } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { ObservedImage, ObservedState } from '../model/observed.ts';
import type { Decision, Plan } from '../model/plan.ts';
import type { InventoryItem, StableService } from '../model/ports.ts';
import { emptyImage } from './expected.ts';
import { repositoryOf } from './image.ts';
import { planStack, type PlanInput } from './plan.ts';
import type { Policy } from './policy.ts';
import { simulatePlan } from './simulate.ts';

export interface CommittedChange {
  readonly from: DesiredStack;
  readonly to: DesiredStack;
  readonly revision: PlanInput['revision'];
  readonly policy: Policy;
  readonly inventory: readonly InventoryItem[];
  /** The commit was read completely. */
  readonly complete: boolean;
}

/**
 * What a commit alone changes of a stack: the plan from an engine on which nothing but `from` runs, exactly as its
 * manifests say, to `to`. A pure function of the two, the same on every machine and at every time. What needs approval
 * is planned as if it had it, beside the finding that asks for it.
 */
export function planCommit({ from, to, ...recorded }: CommittedChange): Plan {
  const planAgainst = (observed: ObservedState): Plan => {
    const input = { ...unrecorded, ...recorded, desired: to, observed, stable: stableOf(from) };
    const asked = planStack(input);
    const approvals = asked.findings.filter(({ level }) => level === 'approve').map(({ code }) => code);
    return withReasonsOf(asked, planStack({ ...input, approvals }));
  };
  const observed = imagineRunning(from, to);
  const plan = planAgainst(observed);
  return withFollowUps(plan, planAgainst(simulatePlan(observed, plan).observed));
}

/** What would be done once it is approved, and that it is not yet. */
function withReasonsOf(asked: Plan, approved: Plan): Plan {
  const reasons = new Map(
    asked.decisions.map(({ resource, because }) => [formatResource(resource), because]),
  );
  const decisions = approved.decisions.map((decision) => ({
    ...decision,
    because: reasons.get(formatResource(decision.resource)) ?? decision.because,
  }));
  return { ...approved, decisions };
}

/**
 * A volume that is still mounted goes only with the next plan. Whoever reviews the commit is shown it with this one,
 * since the commit is what removes it.
 */
function withFollowUps(plan: Plan, next: Plan): Plan {
  const freed = new Map(
    next.decisions.filter(isRemoval).map((decision) => [formatResource(decision.resource), decision]),
  );
  const decisions = plan.decisions.map((decision) =>
    decision.verdict === 'blocked' ? (freed.get(formatResource(decision.resource)) ?? decision) : decision,
  );
  const isKnown = ({ code, resource }: Finding): boolean =>
    plan.findings.some(
      (one) => one.code === code && formatResource(one.resource) === formatResource(resource),
    );
  const findings = next.findings.filter(
    (one) => !isKnown(one) && (one.level === 'approve' || one.level === 'deny'),
  );
  return { ...plan, decisions, findings: [...plan.findings, ...findings] };
}

function isRemoval({ verdict }: Decision): boolean {
  return verdict === 'delete' || verdict === 'dataLoss';
}

const unrecorded = {
  complete: true,
  takeover: null,
  holds: [],
  stable: [],
  revision: null,
  approvals: [],
  inventory: [],
  drift: { open: [], heals: [], reached: new Set<string>() },
  now: 0,
} as const;

/** Nothing an operator allows decides what a plan would do, only whether it may. */
const anything: Policy = { allow: [], hostPaths: [], capabilities: [], registries: null };
/** A rollout over dependencies that restart each other settles in two. */
const mostRounds = 6;

/** An engine with the images, external networks and external volumes of both, and `running` carried out on it. */
function imagineRunning(running: DesiredStack, other: DesiredStack): ObservedState {
  let observed = emptyEngine([running, other]);
  for (let round = 0; round < mostRounds; round += 1) {
    const plan = planStack({ ...unrecorded, desired: running, observed, policy: anything });
    if (plan.steps.length === 0) return observed;
    observed = simulatePlan(observed, plan).observed;
  }
  return observed;
}

function emptyEngine(stacks: readonly DesiredStack[]): ObservedState {
  const images = imagesOf(stacks);
  return {
    at: 0,
    engine: {
      id: 'imagined',
      version: '28.0.0',
      apiVersion: '1.48',
      os: 'linux',
      architecture: 'amd64',
      defaults: { loggingDriver: 'json-file', runtime: 'runc', init: false, cgroup: 'private' },
      unsupported: [],
    },
    containers: [],
    events: [],
    unread: [],
    strangers: [],
    networks: externalNetworks(stacks),
    volumes: externalVolumes(stacks),
    images,
    imagesById: {},
    registryDigests: Object.fromEntries(
      Object.entries(images).map(([reference, { id }]) => [reference, { kind: 'digest', digest: id }]),
    ),
  };
}

/** Nothing is known of an image but its name, so each brings the same along: nothing. */
function imagesOf(stacks: readonly DesiredStack[]): Readonly<Record<string, ObservedImage>> {
  const containers = stacks.flatMap(({ services }) => services.map(({ container }) => container));
  const references = [...new Set(containers.map(({ image }) => image))].sort();
  return Object.fromEntries(
    references.map((reference, index) => {
      const digest = reference.split('@')[1] ?? `sha256:${index.toString(16).padStart(64, '0')}`;
      const platform = containers.find(({ image }) => image === reference)?.platform ?? 'linux/amd64';
      const repoDigests = [`${repositoryOf(reference)}@${digest}`];
      return [
        reference,
        { id: digest, repoDigests, taggedAt: null, config: { ...emptyImage, command: ['run'], platform } },
      ];
    }),
  );
}

function externalNetworks(stacks: readonly DesiredStack[]): ObservedState['networks'] {
  const external = stacks.flatMap(({ networks }) => networks.filter((network) => network.external));
  return distinct(external).map(
    ({ engineName, options, labels, internal, attachable, enableIpv6, driver }) => ({
      id: `external-${engineName}`,
      name: engineName,
      ownership: null,
      driver: driver ?? 'bridge',
      options,
      labels,
      internal,
      attachable,
      enableIpv6,
      ipam: { driver: 'default', pools: [] },
      said: null,
    }),
  );
}

function externalVolumes(stacks: readonly DesiredStack[]): ObservedState['volumes'] {
  const external = stacks.flatMap(({ volumes }) => volumes.filter((volume) => volume.external));
  return distinct(external).map(({ engineName: name, driver, options, labels }) => ({
    name,
    ownership: null,
    driver: driver ?? 'local',
    options,
    labels,
    saidOptions: null,
  }));
}

function distinct<Item extends { readonly engineName: string }>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.engineName, item])).values()];
}

function stableOf({ services }: DesiredStack): readonly StableService[] {
  return services.map((definition) => ({
    service: definition.name,
    hash: definition.hash,
    revision: null,
    definition,
    digest: null,
  }));
}
