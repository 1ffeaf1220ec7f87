import type {
  DaemonFacts,
  EngineReport,
  SourceReport,
  StackReport,
  StatusReport,
} from '../control/protocol.ts';
import { shortRevision } from '../model/ids.ts';
import { formatProblem } from '../model/problem.ts';
import type { Health, Hold, ServiceStatus, SyncStatus } from '../model/status.ts';
import { isNotFollowed } from '../plan/unfollowed.ts';
import type { Paint } from './paint.ts';
import { formatTable } from './table.ts';
import { count, shorten, singleLine } from './text.ts';
import { formatAge, formatDuration, formatInstant } from './time.ts';

/** What `plimsoll status` prints: the stacks, then the engines and the sources, then whom this was learnt from. */
export function formatStatus(report: StatusReport, paint: Paint): string {
  const { at, stacks, engines, sources, daemon } = report;
  const showsEngine = engines.length > 1;
  const stackTable =
    stacks.length === 0
      ? 'No stack is known yet.'
      : formatTable(
          stacks.map((stack) => stackRow(stack, { at, paint, showsEngine })),
          {
            head: [
              'STACK',
              ...(showsEngine ? ['ENGINE'] : []),
              'SYNC',
              'HEALTH',
              'REVISION',
              'LAST SYNCED',
              'LAST CHECKED',
              'WHY',
            ],
            paint,
          },
        );
  const engineLines = daemon === null ? [] : engines.map((engine) => formatEngine(engine, at, paint));
  const sourceLines = daemon === null ? [] : sources.map((source) => formatSource(source, at, paint));
  return [stackTable, '', ...engineLines, ...sourceLines, paint.dim(formatDaemon(daemon))].join('\n');
}

/** What `plimsoll status STACK` prints. */
export function formatStack(stack: StackReport, at: number, paint: Paint): string {
  const head = ['SERVICE', 'SYNC', 'HEALTH', 'READY', 'IMAGE', 'WHY'];
  const why = whyOf(stack, at);
  return [
    `${paint.bold(stack.stack)}  ${formatStand(stack, paint)}, ${formatHealth(stack.health, paint)}${why === '' ? '' : `: ${why}`}`,
    `revision ${stack.revision ?? 'none'}, last synced ${formatAge(stack.lastSyncedAt, at)}, last checked ${formatAge(stack.lastCheckedAt, at)}`,
    '',
    formatTable(
      stack.services.map((service) => serviceRow(service, paint)),
      { head, paint },
    ),
    ...stack.holds.map((hold) => paint.yellow(formatHold(hold))),
    ...stack.problems.map(formatProblem),
  ].join('\n');
}

const widestWhy = 120;

interface RowStyle {
  readonly at: number;
  readonly paint: Paint;
  /** Where there is only one, nobody asks. */
  readonly showsEngine: boolean;
}

function stackRow(stack: StackReport, { at, paint, showsEngine }: RowStyle): readonly string[] {
  return [
    paint.bold(stack.stack),
    ...(showsEngine ? [stack.engine] : []),
    formatStand(stack, paint),
    formatHealth(stack.health, paint),
    stack.revision === null ? '-' : shortRevision(stack.revision),
    formatAge(stack.lastSyncedAt, at),
    formatAge(stack.lastCheckedAt, at),
    // `plimsoll status STACK` has room for all of it.
    shorten(whyOf(stack, at), widestWhy),
  ];
}

function serviceRow(service: ServiceStatus, paint: Paint): readonly string[] {
  return [
    paint.bold(service.service),
    formatSync(service.syncStatus, paint),
    formatHealth(service.health, paint),
    `${service.ready}/${service.replicas}`,
    singleLine(service.image),
    singleLine(service.because),
  ];
}

/** The one thing that somebody who sees the row would ask. Empty where everything is as it should be. */
function whyOf(stack: StackReport, at: number): string {
  if (stack.isRunning) return 'a sync runs now';
  const [problem] = stack.problems;
  if (problem !== undefined) {
    const more = stack.problems.length - 1;
    return `${formatProblem(problem)}${more === 0 ? '' : ` (and ${count(more, 'more problem')})`}`;
  }
  const freeze = stack.holds.find((hold) => hold.kind === 'freeze');
  if (freeze !== undefined) return formatHold(freeze);
  const telling = ['Stalled', 'Reconciling', 'Ready'].flatMap((type) =>
    stack.conditions.filter(
      (condition) => condition.type === type && condition.status === (type !== 'Ready'),
    ),
  )[0];
  if (telling === undefined) return '';
  const again = telling.type === 'Stalled' && stack.dueAt !== null && stack.dueAt > at ? stack.dueAt : null;
  const lead = again === null ? '' : `tried again in ${formatDuration(again - at)}: `;
  return `${lead}${singleLine(telling.message)}`;
}

function formatHold(hold: Hold): string {
  switch (hold.kind) {
    case 'freeze':
      return `paused until ${formatInstant(hold.until)}: ${singleLine(hold.why)}`;
    case 'rejected':
      return `${hold.service} is held since ${formatInstant(hold.since)}: ${singleLine(hold.why)}`;
    default:
      return hold satisfies never;
  }
}

function formatStand(stack: StackReport, paint: Paint): string {
  return isNotFollowed(stack) ? paint.yellow('not followed') : formatSync(stack.syncStatus, paint);
}

function formatSync(status: SyncStatus, paint: Paint): string {
  switch (status) {
    case 'synced':
      return paint.green('synced');
    case 'outOfSync':
      return paint.yellow('out of sync');
    case 'unknown':
      return paint.dim('unknown');
    default:
      return status satisfies never;
  }
}

function formatHealth(health: Health, paint: Paint): string {
  switch (health) {
    case 'healthy':
      return paint.green(health);
    case 'progressing':
      return paint.cyan(health);
    case 'suspended':
      return paint.yellow(health);
    case 'degraded':
    case 'missing':
      return paint.red(health);
    case 'unknown':
      return paint.dim(health);
    default:
      return health satisfies never;
  }
}

function formatEngine(report: EngineReport, at: number, paint: Paint): string {
  const { engine, host, version, apiVersion, lastSeenAt, error } = report;
  const what = version === null ? '' : `, Docker ${version} (API ${apiVersion})`;
  const seen = lastSeenAt === null ? 'not seen yet' : `last seen ${formatAge(lastSeenAt, at)}`;
  const head = `engine ${paint.bold(engine)} at ${host}${what}, ${seen}`;
  if (error === null) return head;
  const since = `since ${formatInstant(error.since)}`;
  return `${head}\n  ${paint.red(`${error.code} ${since}: ${singleLine(error.message)}`)}`;
}

function formatSource(source: SourceReport, at: number, paint: Paint): string {
  const revision = source.revision === null ? 'not read yet' : shortRevision(source.revision);
  const head = `source ${paint.bold(source.source)} ${revision}, last checked ${formatAge(source.checkedAt, at)}`;
  const { error, problems } = source;
  const troubles = [
    ...(error === null ? [] : [paint.red(`${error.code}: ${singleLine(error.message)}`)]),
    ...problems.map((problem) => paint.yellow(formatProblem(problem))),
  ];
  return [head, ...troubles.map((line) => `  ${line}`)].join('\n');
}

function formatDaemon(daemon: DaemonFacts | null): string {
  if (daemon === null) return 'No daemon runs; this is what was recorded last. `plimsoll run` starts one.';
  const { version, pid, startedAt } = daemon;
  return `plimsoll ${version} (process ${pid}), running since ${formatInstant(startedAt)}`;
}
