import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Change } from '../../reconciler/model/change.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { describeMoves, readPlanFile, writePlanFile } from '../../reconciler/plan-file.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const web = { kind: 'service', service: name('web') } as const;

function plan(changes: readonly Change[], stack = 'shop'): Plan {
  return {
    format: 1,
    stack: name(stack),
    engine: name('default'),
    revision: revision('a'.repeat(40)),
    changes,
    findings: [],
    decisions: [],
    steps: [],
  };
}

function modify(path: string, from: string, to: string): Change {
  return { kind: 'modify', resource: web, class: 'rolling', cause: { kind: 'commit' }, path, from, to };
}

test('a plan that is made again and is equal has not moved', () => {
  const plans = [plan([modify('image', 'a:1', 'a:2')])];
  expect(describeMoves(plans, structuredClone(plans))).toEqual([]);
});

test('what moved is said change by change', () => {
  const before = [plan([modify('image', 'a:1', 'a:2')])];
  const now = [plan([modify('image', 'a:3', 'a:2')])];
  expect(describeMoves(before, now)).toEqual([
    'shop: no longer to do: web image is a:1, should be a:2.',
    'shop: new: web image is a:3, should be a:2.',
  ]);
});

test('stacks that came or went are moves', () => {
  expect(describeMoves([plan([])], [])).toEqual(['Stack shop is not in the source any more.']);
  expect(describeMoves([], [plan([])])).toEqual(['Stack shop was not part of the plan.']);
});

test('the same changes by other steps are a move too', () => {
  const moved = { ...plan([]), revision: revision('b'.repeat(40)) };
  expect(describeMoves([plan([])], [moved])).toEqual([
    'shop: the same changes would now be made by other steps.',
  ]);
});

test('a value that looks like a secret is not shown', () => {
  const now = [plan([modify('environment.DB_PASSWORD', 'hunter2', 'hunter3')])];
  expect(describeMoves([plan([])], now).join('')).not.toContain('hunter');
});

test('what is written can be read again', async () => {
  const path = join(temporaryDirectory(), 'plan.json');
  const source = {
    name: name('main'),
    repository: '/srv/gitops',
    path: '',
    revision: revision('a'.repeat(40)),
  };
  const file = {
    format: 1,
    sources: [source],
    plans: [plan([modify('image', 'a', 'b')])],
    problems: [],
  } as const;
  await writePlanFile(path, file);
  expect(await readPlanFile(path)).toEqual(file);
});

test.each([
  ['not JSON', 'cannot be read as JSON'],
  ['{"format":2,"sources":[],"plans":[]}', 'was not written by this version'],
  [
    '{"format":1,"sources":[{"name":"../x","repository":"","path":"","revision":"a"}],"plans":[]}',
    'was not written by',
  ],
  ['{"format":1,"sources":[],"plans":[{"stack":"../x"}]}', 'was not written by'],
  ['[]', 'was not written by'],
])('%s is refused', async (content, message) => {
  const path = join(temporaryDirectory(), 'plan.json');
  writeFileSync(path, content);
  await expect(readPlanFile(path)).rejects.toThrow(message);
});
