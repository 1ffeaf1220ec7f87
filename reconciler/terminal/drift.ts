import type { DriftReport } from '../control/protocol.ts';
import { formatResource } from '../model/change.ts';
import type { DriftEnd, DriftInterval } from '../model/drift.ts';
import { printable } from '../plan/printable.ts';
import { formatValue } from '../plan/value.ts';
import type { Paint } from './paint.ts';
import { formatTable } from './table.ts';
import { formatDuration, formatInstant } from './time.ts';

const endWords: Readonly<Record<DriftEnd, string>> = {
  healed: 'healed',
  reverted: 'gone by itself',
  committed: 'Git moved',
  tolerated: 'tolerated',
  overtaken: 'went further',
};

/** What `plimsoll drift` prints: what is open first, then what is over, each newest first. */
export function formatDrift({ intervals }: DriftReport, paint: Paint): string {
  if (intervals.length === 0) return 'Nothing has drifted.';
  const sorted = [
    ...intervals.filter(({ closedAt }) => closedAt === null),
    ...intervals.filter(({ closedAt }) => closedAt !== null),
  ];
  const head = ['MOVED', 'STACK', 'WHAT', 'FIELD', 'IS', 'SHOULD BE', 'ENDED', 'HOW IT CAME ABOUT'];
  const rows = sorted.map((interval) => [
    formatInstant(interval.openedAt),
    interval.stack,
    formatResource(interval.resource),
    printable(interval.field),
    paint.red(formatValue(interval.field, interval.found)),
    paint.green(formatValue(interval.field, interval.wanted)),
    formatEnd(interval, paint),
    printable(interval.because),
  ]);
  return formatTable(rows, { head, paint });
}

function formatEnd({ openedAt, closedAt, end }: DriftInterval, paint: Paint): string {
  if (closedAt === null || end === null) return paint.yellow('open');
  return `${endWords[end]} after ${formatDuration(closedAt - openedAt)}`;
}

/** What is said as it happens: how a drift began, and its end where no sync tells of it. */
export function describeDrift(interval: DriftInterval, paint: Paint): readonly string[] {
  const { resource, field, end } = interval;
  if (end === null) return [`${paint.yellow('drift')} ${describeOpened(interval)}`];
  if (end !== 'reverted') return [];
  return [`${paint.green('drift over')} ${formatResource(resource)} ${printable(field)} went back by itself`];
}

/** `web.1 killed with SIGKILL …`, `web.1 mem_limit 64m -> 128m: changed with docker update`. */
function describeOpened({ resource, field, found, wanted, because }: DriftInterval): string {
  const what = formatResource(resource);
  if (field === 'state' || field === 'presence' || field === 'health') return `${what} ${printable(because)}`;
  const values = `${formatValue(field, wanted)} -> ${formatValue(field, found)}`;
  return `${what} ${printable(field)} ${values}: ${printable(because)}`;
}
