import type { Finding } from '../model/change.ts';
import type { SyncOutcome, Trigger } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { isEmptyPlan, type Plan } from '../model/plan.ts';
import type { StackStatus } from '../model/status.ts';
import { decide } from '../plan/policy.ts';
import { formatDecision } from '../plan/render.ts';
import type { Preview } from './preview.ts';
import type { World } from './world.ts';

/** Why a plan is not carried out now. */
export interface Brake {
  readonly outcome: Extract<SyncOutcome, 'unchanged' | 'waiting' | 'denied'>;
  /** A finished sentence that says what would release it. */
  readonly reason: string;
  /** When to look again without being asked; null: only when something new is asked for. */
  readonly againAt: number | null;
}

export interface BrakeRequest {
  readonly trigger: Trigger;
  readonly approvals: readonly string[];
}

/** A dependency tells us when it is there; this is for the telling that gets lost. */
const dependencyAgainMs = 30_000;

/** The first reason that holds, in this order; null: nothing stands in the way. */
export function brakeOn(world: World, preview: Preview, request: BrakeRequest): Brake | null {
  return (
    brakeOfFreeze(preview, world.clock.now()) ??
    brakeOfFindings(preview, request.approvals) ??
    brakeOfNothing(preview) ??
    brakeOfHands(preview, request.trigger) ??
    brakeOfDependencies(world, preview)
  );
}

function brakeOfFreeze({ intent }: Preview, now: number): Brake | null {
  for (const hold of intent.holds) {
    if (hold.kind !== 'freeze' || hold.until <= now) continue;
    const reason = `Paused: ${hold.why}. \`plimsoll resume ${intent.stack}\` ends it early.`;
    return { outcome: 'waiting', reason, againAt: hold.until };
  }
  return null;
}

function brakeOfFindings({ plan, intent }: Preview, approvals: readonly string[]): Brake | null {
  const decision = decide(plan.findings, approvals);
  switch (decision) {
    case 'allow':
      return null;
    case 'deny':
      return { outcome: 'denied', reason: messagesOf(plan.findings, 'deny'), againAt: null };
    case 'approve': {
      const open = plan.findings.filter(
        ({ level, code }) => level === 'approve' && !approvals.includes(code),
      );
      const codes = [...new Set(open.map(({ code }) => code))].join(' ');
      const how = `\`--approve ${codes}\` accepts it, with \`plimsoll sync ${intent.stack}\` or \`plimsoll apply\`.`;
      return { outcome: 'waiting', reason: `${messagesOf(open, 'approve')} ${how}`, againAt: null };
    }
    default:
      return decision satisfies never;
  }
}

function messagesOf(findings: readonly Finding[], level: Finding['level']): string {
  return findings
    .filter((finding) => finding.level === level)
    .map(({ code, message }) => `${code}: ${message}`)
    .join(' ');
}

function brakeOfNothing({ plan }: Preview): Brake | null {
  if (!isEmptyPlan(plan)) return null;
  const obstacle = plan.decisions.find(({ verdict }) => verdict === 'blocked' || verdict === 'held');
  if (obstacle === undefined) return { outcome: 'unchanged', reason: whyNothing(plan), againAt: null };
  return { outcome: 'waiting', reason: `${formatDecision(obstacle)}.`, againAt: null };
}

/** What differs and is left alone is not the same as nothing. */
function whyNothing({ decisions }: Plan): string {
  const [first, ...rest] = decisions.filter(({ verdict }) => verdict === 'ignored');
  if (first === undefined) return 'Nothing to do.';
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `Nothing is done. ${formatDecision(first)}${more}.`;
}

function brakeOfHands({ intent }: Preview, trigger: Trigger): Brake | null {
  if (intent.desired.sync.automatic || trigger === 'manual') return null;
  const reason = `Automatic sync is off; \`plimsoll sync ${intent.stack}\` applies the plan.`;
  return { outcome: 'waiting', reason, againAt: null };
}

function brakeOfDependencies(world: World, { intent }: Preview): Brake | null {
  const missing = intent.desired.dependsOn.filter((stack) => !isThere(world.statuses.get(stack)));
  if (missing.length === 0) return null;
  return {
    outcome: 'waiting',
    reason: `Waits for ${list(missing)} to be synced and healthy.`,
    againAt: world.clock.now() + dependencyAgainMs,
  };
}

function isThere(status: StackStatus | null): boolean {
  return status?.syncStatus === 'synced' && status.health === 'healthy';
}

function list(stacks: readonly Name[]): string {
  return stacks.length === 1 ? `stack ${stacks[0]}` : `stacks ${stacks.join(', ')}`;
}
