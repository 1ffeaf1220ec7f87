import { shortRevision, type Name } from '../model/ids.ts';
import type { Notice, Notifier } from '../model/notice.ts';
import type { Operation, Plan } from '../model/plan.ts';
import { formatProblem, type Problem } from '../model/problem.ts';
import { createInk } from '../plan/ink.ts';
import { decisionLines } from '../plan/render-lines.ts';
import { formatSummary } from '../plan/render.ts';
import { describeDrift } from './drift.ts';
import { formatEnd } from './end.ts';
import { outputLines } from './output.ts';
import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { shorten, singleLine } from './text.ts';
import { formatDuration } from './time.ts';

/** For a command whose result comes at the end: only what was read, and what happens meanwhile. */
export function createProgress(terminal: Terminal): Notifier {
  return {
    notify(notice) {
      if (notice.kind !== 'sourceRead') return;
      terminal.say(terminal.accent.dim(`${notice.source}  ${formatRead(notice)}`));
    },
  };
}

/** A commit may break thousands of files. */
const mostProblems = 20;

function shownProblems(problems: readonly Problem[]): readonly string[] {
  const shown = problems.slice(0, mostProblems).map(formatProblem);
  const more = problems.length - shown.length;
  return more === 0
    ? shown
    : [...shown, `and ${more} more; \`plimsoll validate\` in the repository shows them all`];
}

type Of<Kind extends Notice['kind']> = Extract<Notice, { readonly kind: Kind }>;

export interface NoticePrinterOptions {
  /** Lines that follow a stack which came to be as it should be, such as the addresses that it publishes. */
  readonly whereToLook?: (stack: Name) => readonly string[];
  /** False where the caller prints how each sync ended as its result. */
  readonly tellsEnd?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A failure that lasts is met at each look, and told again only after this long. */
const tellAgainAfterMs = 10 * 60_000;

/** Tells a person on standard error what happens, in the order in which it happens. */
export function createNoticePrinter(
  terminal: Terminal,
  { whereToLook = () => [], tellsEnd = true, now }: NoticePrinterOptions,
): Notifier {
  const plans = new Map<Name, Plan>();
  const isNews = forgetful(now);
  const known = new Set<Name>();
  const failed = new Map<Name, string>();
  const paint = terminal.accent;
  const tell = (who: string, text: string): void => terminal.say(`${paint.bold(who)}  ${text}`);
  const tellBelow = (lines: readonly string[]): void => {
    for (const line of lines) terminal.say(`    ${line}`);
  };
  return {
    notify(notice) {
      switch (notice.kind) {
        case 'sourceRead':
          return tell(notice.source, formatRead(notice));
        case 'sourceFailed':
        case 'trouble': {
          const who = notice.kind === 'trouble' ? (notice.engine ?? notice.code) : notice.source;
          if (isNews(who + notice.message)) tell(who, paint.red(singleLine(notice.message)));
          return;
        }
        case 'recovered':
          return terminal.say(notice.message);
        case 'sourceProblems':
          tell(notice.source, paint.red('these manifests cannot be used; nothing of theirs is changed:'));
          return tellBelow(shownProblems(notice.problems));
        case 'syncPlanned':
          plans.set(notice.stack, notice.plan);
          if (notice.plan.steps.length > 0) terminal.say(formatPlanned(notice.plan, paint));
          return;
        case 'syncProgress':
          if (notice.event.kind === 'stepFailed') failed.set(notice.stack, notice.event.message);
          return showProgress(terminal, notice, plans.get(notice.stack));
        case 'syncFinished':
          if (!tellsEnd) return;
          tell(notice.stack, formatEnd(withoutEcho(notice, failed.get(notice.stack)), paint));
          failed.delete(notice.stack);
          if (isGood(notice) && !(notice.outcome === 'unchanged' && known.has(notice.stack))) {
            known.add(notice.stack);
            tellBelow(whereToLook(notice.stack));
          }
          return;
        case 'deliveryReceived':
          return tell(notice.receiver, formatDelivery(notice));
        case 'statusChanged':
          return;
        case 'driftOpened':
        case 'driftClosed':
          return describeDrift(notice.interval, paint).forEach((line) => tell(notice.stack, line));
        case 'stackGone':
          return tell(notice.stack, 'nothing of it is left; its history stays');
        default:
          return notice satisfies never;
      }
    },
  };
}

/** A sender chose parts of the reason. */
function formatDelivery({ result, reason, count }: Of<'deliveryReceived'>): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  return `webhook ${result}${times}: ${singleLine(reason)}`;
}

/** True for a text that was not said for a while. */
function forgetful(now: () => number): (text: string) => boolean {
  const toldAt = new Map<string, number>();
  return (text) => {
    const last = toldAt.get(text);
    if (last !== undefined && now() - last < tellAgainAfterMs) return false;
    toldAt.set(text, now());
    return true;
  };
}

function formatRead({ commit, stacks }: Of<'sourceRead'>): string {
  const [subject = ''] = commit.message.split('\n');
  const author = singleLine(commit.author).replace(/ <.*>$/, '');
  const names = stacks.length === 0 ? 'no stacks' : stacks.join(', ');
  return `read ${shortRevision(commit.revision)} "${shorten(singleLine(subject), 60)}" by ${author}: ${names}`;
}

function formatPlanned(plan: Plan, paint: Paint): string {
  const lines = decisionLines(plan, { ink: createInk(paint.isOn), verbose: false });
  return [paint.bold(formatSummary(plan)), ...lines].join('\n');
}

/** What a step has just said need not be said again. */
function withoutEcho(end: Of<'syncFinished'>, said: string | undefined): Of<'syncFinished'> {
  return end.summary === said ? { ...end, summary: '' } : end;
}

function isGood({ outcome }: Of<'syncFinished'>): boolean {
  return outcome === 'succeeded' || outcome === 'unchanged';
}

/** Only what takes long and what fails gets a line of its own; the rest passes by on the last line. */
function showProgress(
  terminal: Terminal,
  { stack, event }: Of<'syncProgress'>,
  plan: Plan | undefined,
): void {
  const step = plan?.steps.find(({ id }) => id === event.step);
  const paint = terminal.accent;
  switch (event.kind) {
    case 'stepStarted': {
      const what = step === undefined ? event.step : describeOperation(step.operation, event.step);
      if (step?.operation.kind === 'pullImage') terminal.say(`    ${paint.dim(what)}`);
      return terminal.show(`${stack}  ${what}`);
    }
    case 'stepProgress':
      return terminal.show(`${stack}  ${event.step}: ${singleLine(event.message)}`);
    case 'stepFailed':
      terminal.say(`    ${paint.red(`${event.step} failed`)}: ${singleLine(event.message)}`);
      for (const line of outputLines(event.output)) terminal.say(`      ${paint.dim(line)}`);
      return;
    case 'stepSucceeded':
    case 'stepSkipped':
      return;
    default:
      return event satisfies never;
  }
}

function describeOperation(operation: Operation, id: string): string {
  switch (operation.kind) {
    case 'pullImage':
      return `pulling ${singleLine(operation.image)}`;
    case 'awaitHealthy':
      return `waiting for ${operation.target.name} to be healthy for ${formatDuration(operation.minHealthyTimeMs)}`;
    case 'awaitCompleted':
      return `waiting for ${operation.target.name} to run to its end`;
    default:
      return id;
  }
}
