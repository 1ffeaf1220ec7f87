import { formatResource, type Finding, type Resource } from '../model/change.ts';
import type { Decision } from '../model/plan.ts';
import type { InventoryItem } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import type { Blocks } from './block.ts';
import { finding } from './findings.ts';
import type { Policy } from './policy.ts';
import type { Pruning } from './removal.ts';
import { renamedFindings } from './renamed.ts';
import { anonymousLosses, reviewResources } from './review-resources.ts';
import { reviewService } from './review-service.ts';
import type { Survey } from './survey.ts';
import { takeoverFindings, type Takeover } from './takeover.ts';

export interface ReviewInput {
  readonly survey: Survey;
  readonly blocks: Blocks;
  readonly pruning: Pruning;
  readonly decisions: readonly Decision[];
  readonly inventory: readonly InventoryItem[];
  readonly policy: Policy;
  readonly takeover: Takeover | null;
}

/** Every risk in what is about to be done, and whatever a person should know of it, sorted by code. */
export function review(input: ReviewInput): readonly Finding[] {
  const { survey, blocks, pruning, policy, decisions } = input;
  const findings = [
    ...massDeletion(input),
    ...takeoverFindings({ ...input, stack: survey.stack.name }),
    ...survey.services.flatMap((of) => reviewService(of, { survey, blocks, policy })),
    ...[...blocks.values()].map((block) => block.finding),
    ...reviewResources({ survey, pruning, policy }),
    ...pruning.services.flatMap(({ containers }) => anonymousLosses(containers)),
    ...decisions.flatMap(downtimeFinding),
    ...orphanFindings(input),
    ...renamedFindings(survey),
  ];
  return findings.sort(
    (a, b) =>
      compareText(a.code, b.code) ||
      compareText(formatResource(a.resource), formatResource(b.resource)) ||
      compareText(a.message, b.message),
  );
}

/** A wrong directory, an emptied branch or a bad merge looks like this (argo-cd#9227, #24143). */
function massDeletion({ survey, pruning, inventory }: ReviewInput): readonly Finding[] {
  const { stack } = survey;
  const { services: limit, percent } = stack.sync.maxPrune;
  const present = [
    ...survey.leftovers,
    ...survey.services.filter(isPresent).map(({ service }) => ({ service: service.name })),
  ];
  const owned = inventory.filter(({ kind }) => kind === 'service').map(({ name }) => name);
  const total = new Set([...present.map(({ service }) => service), ...owned]).size;
  const removed = pruning.services.length;
  const isAll = removed > 0 && removed === total;
  if (!isAll && (removed <= limit || removed * 100 <= percent * total)) return [];
  const message = isAll
    ? `Every service of ${stack.name} would be removed: ${namesOf(pruning)}.`
    : `${removed} of the ${total} services of ${stack.name} would be removed: ${namesOf(pruning)}.`;
  const remedy = `If that is meant, accept MD101; otherwise look at what the last commit took away.`;
  return [finding('MD101', { kind: 'stack' }, { message, remedy })];
}

function isPresent({ slots, extras }: Survey['services'][number]): boolean {
  return extras.length > 0 || slots.some(({ keeper, old }) => keeper !== null || old !== null);
}

function namesOf({ services }: Pruning): string {
  const names = services.map(({ service }) => service);
  const rest = names.length - shownNames;
  return rest > 0 ? `${names.slice(0, shownNames).join(', ')} and ${rest} more` : names.join(', ');
}

const shownNames = 8;

function downtimeFinding({ resource, downtime }: Decision): readonly Finding[] {
  if (!downtime.expected) return [];
  const message = `${formatResource(resource)} is away for a moment: ${downtime.reason}.`;
  return [finding('DT101', resource, { message, remedy: 'Sync when it does no harm.' })];
}

/** What left the manifests and stays: the decision says why. */
function orphanFindings({ survey, decisions }: ReviewInput): readonly Finding[] {
  const leftovers: readonly Resource[] = [
    ...survey.leftovers.map(({ service }): Resource => ({ kind: 'service', service })),
    ...survey.networks.leftovers.map(({ name }): Resource => ({ kind: 'network', name })),
    ...survey.volumes.leftovers.map(({ name }): Resource => ({ kind: 'volume', name })),
  ];
  const orphans = new Set(leftovers.map(formatResource));
  return decisions
    .filter(({ verdict, resource }) => verdict === 'ignored' && orphans.has(formatResource(resource)))
    .map(({ resource, because }) => {
      const message = `${capitalized(formatResource(resource))}: ${because}.`;
      return finding('OR101', resource, {
        message,
        remedy: 'Remove it by hand if nobody needs it any more.',
      });
    });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
