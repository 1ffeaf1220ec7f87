import { expect, test } from 'vitest';
import type { StackReport } from '../../reconciler/control/protocol.ts';
import { name } from '../../reconciler/model/ids.ts';
import { createPaint } from '../../reconciler/terminal/paint.ts';
import { formatStack } from '../../reconciler/terminal/status.ts';

const stalled: StackReport = {
  stack: name('shop'),
  source: name('main'),
  engine: name('default'),
  syncStatus: 'outOfSync',
  health: 'missing',
  revision: null,
  syncedRevision: null,
  conditions: [
    { type: 'Stalled', status: true, reason: 'SyncFailed', message: 'Port 80 is taken.', since: 1 },
  ],
  services: [],
  lastOutcome: 'failed',
  lastCheckedAt: null,
  lastSyncedAt: null,
  isRunning: false,
  dueAt: 301_000,
  holds: [],
  problems: [],
};

function headOf(stack: StackReport, at: number): string {
  return formatStack(stack, at, createPaint(false, {})).split('\n')[0] ?? '';
}

test('a stack whose sync failed says when it is tried again, until that time has come', () => {
  const why = 'shop  out of sync, missing: ';
  expect(headOf(stalled, 1_000)).toBe(`${why}tried again in 5 min: Port 80 is taken.`);
  expect(headOf(stalled, 301_000)).toBe(`${why}Port 80 is taken.`);
  expect(headOf({ ...stalled, dueAt: null }, 1_000)).toBe(`${why}Port 80 is taken.`);
});
