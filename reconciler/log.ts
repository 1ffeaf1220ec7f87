import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import { formatResource } from './model/change.ts';
import type { DriftInterval } from './model/drift.ts';
import type { Notice, Notifier } from './model/notice.ts';
import { formatProblem } from './model/problem.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One JSON line a record, on standard error, written before the call returns. */
export function createLog(level: LogLevel): Logger {
  const options = { level, base: null, messageKey: 'message', timestamp: stdTimeFunctions.isoTime };
  return pino(options, destination({ fd: 2, sync: true }));
}

/** Notices as records of the log: a fixed message, and what varies in fields. */
export function createLogNotifier(log: Logger): Notifier {
  return { notify: (notice) => record(log, notice) };
}

/** A commit may break thousands of files; the command `plimsoll status` shows the rest. */
const mostProblems = 20;

function record(log: Logger, notice: Notice): void {
  switch (notice.kind) {
    case 'sourceRead': {
      const { revision, author } = notice.commit;
      return log.info({ source: notice.source, revision, author, stacks: notice.stacks }, 'source read');
    }
    case 'sourceFailed':
      return log.warn(
        { source: notice.source, code: notice.code, error: notice.message },
        'source not readable',
      );
    case 'sourceProblems': {
      const { source, problems } = notice;
      const shown = problems.slice(0, mostProblems).map(formatProblem);
      return log.warn({ source, count: problems.length, problems: shown }, 'manifests have problems');
    }
    case 'syncPlanned': {
      const { stack, trigger, commit, plan } = notice;
      const findings = plan.findings.map(({ code }) => code);
      const counts = { changes: plan.changes.length, steps: plan.steps.length };
      return log.info(
        { stack, trigger, revision: commit?.revision ?? null, ...counts, findings },
        'sync planned',
      );
    }
    case 'syncProgress':
      return recordProgress(log, notice);
    case 'syncFinished': {
      const { stack, trigger, outcome, summary, durationMs } = notice;
      const isGood = outcome === 'succeeded' || outcome === 'unchanged';
      return log[isGood ? 'info' : 'warn']({ stack, trigger, outcome, summary, durationMs }, 'sync finished');
    }
    case 'deliveryReceived': {
      const { receiver, result, reason, count } = notice;
      const level = result === 'refused' || result === 'failed' ? 'warn' : 'info';
      return log[level]({ receiver, result, reason, count }, 'delivery received');
    }
    case 'statusChanged': {
      const { stack, syncStatus, health } = notice.status;
      return log.debug({ stack, syncStatus, health }, 'status changed');
    }
    case 'stackGone':
      return log.info({ stack: notice.stack }, 'stack gone');
    case 'driftOpened':
    case 'driftClosed':
      return recordDrift(log, notice.interval);
    case 'trouble':
      return log.warn({ engine: notice.engine, code: notice.code, error: notice.message }, 'trouble');
    case 'recovered':
      return log.info({ detail: notice.message }, 'recovered');
    default:
      return notice satisfies never;
  }
}

function recordDrift(log: Logger, { stack, resource, field, kind, because, end }: DriftInterval): void {
  const what = { stack, resource: formatResource(resource), field, kind };
  return end === null
    ? log.warn({ ...what, because }, 'drift opened')
    : log.info({ ...what, end }, 'drift closed');
}

function recordProgress(
  log: Logger,
  { stack, event }: Extract<Notice, { readonly kind: 'syncProgress' }>,
): void {
  const { step } = event;
  switch (event.kind) {
    case 'stepStarted':
      return log.debug({ stack, step }, 'step started');
    case 'stepProgress':
      return log.debug({ stack, step, progress: event.message }, 'step goes on');
    case 'stepSucceeded':
      return log.debug({ stack, step, ...event.result }, 'step succeeded');
    case 'stepFailed':
      return log.warn({ stack, step, code: event.code, error: event.message }, 'step failed');
    case 'stepSkipped':
      return log.debug({ stack, step, reason: event.reason }, 'step skipped');
    default:
      return event satisfies never;
  }
}
