import type { Finding } from '../model/change.ts';
import type { CheckConclusion } from '../model/forge.ts';
import type { Decision, Plan } from '../model/plan.ts';
import type { Review } from '../model/review.ts';
import { formatCounts } from './render.ts';
import { formatResource } from '../model/change.ts';

/** What a review comes to, for a check and for labels. */
export interface Verdict {
  readonly conclusion: CheckConclusion;
  /** `2 to change, 1 to add, 0 to delete · no downtime · policy ok` */
  readonly title: string;
  readonly isChange: boolean;
  readonly hasDowntime: boolean;
  readonly hasDataLoss: boolean;
  /** Codes that still need approval, sorted. */
  readonly open: readonly string[];
}

/** Counts are those of the commit; downtime and findings count wherever they were found. */
export function summarizeReview(review: Review): Verdict {
  const changes = review.stacks.flatMap(({ change, live }) => change ?? live ?? []);
  const plans = plansOf(review);
  const open = openFindings(review);
  const denied = codesOf(plans.flatMap(({ findings }) => findings).filter(({ level }) => level === 'deny'));
  const problems = review.problems.length;
  const away = plans.flatMap(({ stack, decisions }) =>
    decisions.filter(isAway).map(({ resource }) => `${stack}/${formatResource(resource)}`),
  );
  const openCodes = codesOf(open.map(({ finding }) => finding));
  const parts =
    problems > 0
      ? [`${problems} ${problems === 1 ? 'problem' : 'problems'} in the manifests`]
      : [
          formatCounts(changes.flatMap(({ decisions }) => decisions)),
          downtimeOf([...new Set(away)]),
          policyOf(denied, openCodes),
        ];
  return {
    conclusion:
      problems > 0 || denied.length > 0 ? 'failure' : openCodes.length > 0 ? 'actionRequired' : 'success',
    title: parts.join(' · '),
    isChange: problems > 0 || changes.some(({ decisions }) => decisions.some(isActing)),
    hasDowntime: away.length > 0,
    hasDataLoss: plans.some(({ decisions }) => decisions.some(({ verdict }) => verdict === 'dataLoss')),
    open: openCodes,
  };
}

export interface OpenFinding {
  readonly stack: Plan['stack'];
  readonly finding: Finding;
}

/** Findings that stop the sync after the merge until somebody approves them. */
export function openFindings(review: Review): readonly OpenFinding[] {
  const approved = new Set(
    review.approvals.map(({ stack, code, resource }) => `${stack} ${code} ${resource}`),
  );
  return plansOf(review).flatMap(({ stack, findings }) =>
    findings
      .filter(({ level }) => level === 'approve')
      .filter(({ code, resource }) => !approved.has(`${stack} ${code} ${formatResource(resource)}`))
      .map((finding) => ({ stack, finding })),
  );
}

export function plansOf({ stacks }: Review): readonly Plan[] {
  return stacks.flatMap(({ change, live }) => [change, live].filter((plan) => plan !== null));
}

function codesOf(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

function isAway({ downtime }: Decision): boolean {
  return downtime.expected;
}

function isActing({ verdict }: Decision): boolean {
  return verdict !== 'unchanged' && verdict !== 'ignored';
}

const mostNames = 3;

function downtimeOf(away: readonly string[]): string {
  if (away.length === 0) return 'no downtime';
  const more = away.length > mostNames ? ` and ${away.length - mostNames} more` : '';
  return `downtime for ${away.slice(0, mostNames).join(', ')}${more}`;
}

function policyOf(denied: readonly string[], open: readonly string[]): string {
  if (denied.length > 0) return `denied by ${denied.join(', ')}`;
  return open.length > 0 ? `needs approval of ${open.join(', ')}` : 'policy ok';
}
