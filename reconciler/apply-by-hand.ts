import { applyStacks, type Applied } from './applying.ts';
import { planByHand, readSettingsByHand, readSettingsOf, type ByHand } from './by-hand.ts';
import { SyncError } from './model/error.ts';
import { withWorld } from './one-shot.ts';
import { describeMoves, readPlanFile, type PlanFile } from './plan-file.ts';
import type { Surroundings } from './terminal/command.ts';
import { formatEnded } from './terminal/ended.ts';
import { createNoticePrinter } from './terminal/notices.ts';
import { formatProblems } from './terminal/plans.ts';
import { listenForStop } from './terminal/stop.ts';
import { UsageError } from './terminal/usage.ts';

export interface ApplyByHand extends ByHand, Surroundings {
  readonly options: ByHand['options'] & {
    readonly plan: string | undefined;
    readonly stack: readonly string[];
    readonly approve: readonly string[];
    readonly json: boolean;
  };
}

/** Plans, syncs, prints how each stack ended, and resolves to the exit code. */
export async function applyByHand(request: ApplyByHand): Promise<number> {
  const { options, terminal } = request;
  const file = await readAccepted(request);
  const settings = await (file === null ? readSettingsByHand(request) : readSettingsOf(file, request));
  const stop = listenForStop({
    onFirst: () => terminal.say('Stopping once the running steps have ended. Ctrl-C again stops at once.'),
  });
  const notifier = createNoticePrinter(terminal, { tellsEnd: false, now: () => Date.now() });
  const { signal } = stop;
  return withWorld(settings, { notifier, signal }, async (world) => {
    const stacks = file?.plans.map(({ stack }) => stack) ?? options.stack;
    const planned = await planByHand(world, settings, { stacks, signal });
    if (planned.problems.length > 0) return refuse(request, planned);
    if (file !== null) requireUnmoved(file, planned);
    const applied = await applyStacks(world, planned.plans, { approvals: options.approve, signal });
    print(request, applied);
    return signal.aborted ? 130 : exitCode(applied);
  });
}

async function readAccepted({ options }: ApplyByHand): Promise<PlanFile | null> {
  if (options.plan === undefined) return null;
  const { source, ref, path, stack } = options;
  if (source !== undefined || ref !== undefined || path !== undefined || stack.length > 0) {
    throw new UsageError(
      '--plan says what is applied: --source, --ref, --path and --stack cannot stand beside it.',
    );
  }
  return readPlanFile(options.plan);
}

function refuse({ options, terminal }: ApplyByHand, { problems }: PlanFile): number {
  if (options.json) terminal.print(JSON.stringify({ stacks: [], problems }, null, 2));
  else terminal.print(formatProblems(problems, terminal.paint));
  return 1;
}

function requireUnmoved(file: PlanFile, planned: PlanFile): void {
  const moves = describeMoves(file.plans, planned.plans);
  if (moves.length === 0) return;
  const lines = ['The world moved since the plan was made, so nothing was changed. Plan again.', ...moves];
  throw new SyncError('PlanOutdated', lines.join('\n  '));
}

function print(request: ApplyByHand, applied: readonly Applied[]): void {
  const { options, terminal } = request;
  if (options.json) return terminal.print(JSON.stringify({ stacks: applied, problems: [] }, null, 2));
  terminal.print(formatEnded(applied, terminal.paint));
  const needs = [...new Set(applied.flatMap((one) => one.needs))].sort();
  if (needs.length === 0) return;
  terminal.print(
    `To accept it: ${terminal.paint.bold(`${commandLine(request)} --approve ${needs.join(' ')}`)}`,
  );
}

/** What was called, for "the same with --approve". */
function commandLine({ options, terminal }: ApplyByHand): string {
  const texts = (['config', 'source', 'ref', 'path', 'plan'] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name} ${quoted(value)}`];
  });
  const stacks = options.stack.map((stack) => `--stack ${stack}`);
  return [`${terminal.command} apply`, ...texts, ...stacks].join(' ');
}

function quoted(text: string): string {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function exitCode(applied: readonly Applied[]): number {
  if (!applied.every(isGoodOrWaiting)) return 1;
  return applied.some(({ needs }) => needs.length > 0) ? 3 : 0;
}

function isGoodOrWaiting({ outcome, needs }: Applied): boolean {
  return outcome === 'succeeded' || outcome === 'unchanged' || needs.length > 0;
}
