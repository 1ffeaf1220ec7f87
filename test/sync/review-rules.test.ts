import { describe, expect, test } from 'vitest';
import type { LabelGrant } from '../../reconciler/model/forge.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { SourceTree } from '../../reconciler/model/ports.ts';
import { approvalsOf, showLiveLabel, vouches } from '../../reconciler/sync/grants.ts';
import { mergeTrees } from '../../reconciler/sync/merge-trees.ts';

const head = revision('1'.repeat(40));
const other = revision('2'.repeat(40));
const grant: LabelGrant = { label: showLiveLabel, by: 'ada', mayWrite: true, at: 200 };

describe('a label that shows what runs', () => {
  const record = { head, reviewedAt: 100, findings: [] };
  test.each([
    ['set by a writer after the review of this head', grant, record, true],
    ['set before that review', { ...grant, at: 99 }, record, false],
    ['set in the same moment', { ...grant, at: 100 }, record, false],
    ['set by somebody who may not write', { ...grant, mayWrite: false }, record, false],
    ['of another name', { ...grant, label: 'plimsoll/approve-DL101' }, record, false],
    ['for a head that was reviewed before', grant, { ...record, head: other }, false],
    ['for a head that was never reviewed', grant, { ...record, head: null, reviewedAt: null }, false],
  ])('%s: counts %s', (...[, given, of, counts]) => {
    expect(vouches(given, { record: of, head })).toBe(counts);
  });
});

describe('a label that approves', () => {
  const approve: LabelGrant = { ...grant, label: 'plimsoll/approve-DL101' };
  const found = (resource: string, publishedAt: number) => {
    return { stack: name('shop'), code: 'DL101', resource, publishedAt };
  };
  const record = { head, reviewedAt: 100, findings: [found('volume data', 100), found('volume logs', 300)] };

  test('counts for what was published before it was set, and for nothing later', () => {
    expect(approvalsOf([approve], { record, head }).map(({ resource }) => resource)).toEqual(['volume data']);
  });

  test('counts for no other code and no other head, and from nobody who may not write', () => {
    expect(approvalsOf([{ ...approve, label: 'plimsoll/approve-MD101' }], { record, head })).toEqual([]);
    expect(approvalsOf([approve], { record, head: other })).toEqual([]);
    expect(approvalsOf([{ ...approve, mayWrite: false }], { record, head })).toEqual([]);
  });
});

describe('base and head, put together file by file', () => {
  test.each([
    ['what only the head changed is the head’s', 'a1', 'a1', 'a2', 'a2', false],
    ['what only the base changed is the base’s', 'a1', 'a2', 'a1', 'a2', false],
    ['what both changed alike is no conflict', 'a1', 'a2', 'a2', 'a2', false],
    ['what both changed differently is the head’s, and a conflict', 'a1', 'a2', 'a3', 'a3', true],
    ['what the head added is there', null, null, 'a1', 'a1', false],
    ['what the base added is there', null, 'a1', null, 'a1', false],
    ['what both added differently is a conflict', null, 'a1', 'a2', 'a2', true],
    ['what the head removed is gone', 'a1', 'a1', null, null, false],
    ['what the base removed is gone', 'a1', null, 'a1', null, false],
    ['what the head removed and the base changed is a conflict', 'a1', 'a2', null, null, true],
  ])('%s', (...[, common, base, theirs, merged, isConflict]) => {
    const result = mergeTrees({ common: tree(common), base: tree(base), head: tree(theirs) });
    expect(result.tree.files.map(({ id }) => id)).toEqual(merged === null ? [] : [merged]);
    expect(result.conflicts).toEqual(isConflict ? ['web.yaml'] : []);
  });

  test('contents come from the side that has them', async () => {
    const { tree: merged } = mergeTrees({ common: tree('a1'), base: tree('a2'), head: tree('a1') });
    expect(Buffer.from(await merged.readBlob('a2')).toString()).toBe('a2');
  });
});

function tree(id: string | null): SourceTree {
  return {
    files: id === null ? [] : [{ path: 'web.yaml', id, kind: 'file' }],
    problems: [],
    readBlob: async (wanted) => {
      if (wanted !== id) throw new Error(`${wanted} is not here`);
      return Buffer.from(wanted);
    },
  };
}
