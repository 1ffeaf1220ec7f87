import { expect, test } from 'vitest';
import type { DriftInterval, DriftSighting } from '../../reconciler/model/drift.ts';
import { driftKey } from '../../reconciler/model/drift.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import { isNoNews, recordLook, type DriftLook } from '../../reconciler/plan/drift-record.ts';
import { service, stack } from './world.ts';

const now = 1_760_000_000_000;
const first = revision('1'.repeat(40));
const second = revision('2'.repeat(40));

function sighting(change: Partial<DriftSighting> = {}): DriftSighting {
  return {
    resource: { kind: 'instance', service: name('web'), instance: 1 },
    field: 'state',
    kind: 'killed',
    because: 'killed with SIGKILL through the Docker API (exit 137)',
    found: 'exited (137)',
    wanted: 'running',
    at: now - 300,
    ...change,
  };
}

function look(change: Partial<DriftLook> = {}) {
  return recordLook({
    stack: name('shop'),
    revision: first,
    desired: stack([service('web')]),
    open: [],
    seen: [],
    mended: new Set(),
    now,
    ...change,
  });
}

function opened(change: Partial<DriftSighting> = {}): DriftInterval {
  const [interval] = look({ seen: [sighting(change)] }).opened;
  if (interval === undefined) throw new Error('nothing was opened');
  return interval;
}

test('what is seen for the first time opens an interval at the time the engine told', () => {
  expect(opened()).toMatchObject({
    openedAt: now - 300,
    seenAt: now,
    closedAt: null,
    end: null,
    revision: first,
  });
  expect(opened({ at: now + 5_000 }).openedAt).toBe(now);
});

test('the same look twice is no news', () => {
  expect(isNoNews(look({ open: [opened()], seen: [sighting({ at: now + 60_000 })] }))).toBe(true);
});

test('what is known better later corrects the open interval, and what is forgotten does not', () => {
  const guessed = opened({ kind: 'found', because: 'it ended, and no event told how' });
  const [changed] = look({ open: [guessed], seen: [sighting()] }).changed;
  expect(changed).toMatchObject({ kind: 'killed', openedAt: guessed.openedAt });
  const forgotten = sighting({ kind: 'found', because: 'it ended, and no event told how' });
  expect(isNoNews(look({ open: [opened()], seen: [forgotten] }))).toBe(true);
});

test.each<[string, Partial<DriftLook>, DriftInterval['end']]>([
  ['a sync that acted upon it', { mended: new Set([driftKey(sighting())]) }, 'healed'],
  ['nobody of us', {}, 'reverted'],
  ['a commit', { revision: second }, 'committed'],
  ['a commit that removed the service', { desired: stack([]) }, 'committed'],
  ['a policy that looks away', { desired: stack([service('web', { drift: { mode: 'off' } })]) }, 'tolerated'],
  [
    'a field that is ignored',
    { desired: stack([service('web', { drift: { ignore: ['state'] } })]) },
    'tolerated',
  ],
  [
    'a removal of the same container',
    { seen: [sighting({ field: 'presence', kind: 'removed' })] },
    'overtaken',
  ],
])('what is not seen any more ends: by %s', (_, change, end) => {
  const { closed } = look({ open: [opened()], ...change });
  expect(closed).toMatchObject([{ closedAt: now, end }]);
});

test('instances and fields have intervals of their own', () => {
  const other = sighting({ resource: { kind: 'instance', service: name('web'), instance: 2 } });
  const field = sighting({ field: 'mem_limit', kind: 'updated' });
  const { opened: all } = look({ open: [opened()], seen: [sighting(), other, field] });
  expect(all.map(driftKey)).toEqual([driftKey(other), driftKey(field)]);
});
