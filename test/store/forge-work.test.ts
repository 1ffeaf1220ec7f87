import { expect, test } from 'vitest';
import { revision, type Name } from '../../reconciler/model/ids.ts';
import type { ForgeLease, MergedApproval, ReviewRecord } from '../../reconciler/model/review-record.ts';
import type { Store } from '../../reconciler/model/ports.ts';
import { describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

function freshKey(): string {
  return `review:${freshStack('source')}/7`;
}

async function mustLease(store: Store, key: string, at: number): Promise<ForgeLease> {
  const lease = await store.leaseForgeWork({ key, owner: 'worker', ttlMs: 100, at });
  if (lease === null) throw new Error(`${key} was not to be had at ${at}`);
  return lease;
}

const done = { retryAt: null, failed: false } as const;

describeOnServers(({ store }) => {
  test('work is leased to one worker, once for all that asked meanwhile', async () => {
    const key = freshKey();
    await store.requestForgeWork(key, 10);
    await store.requestForgeWork(key, 11);
    const lease = await mustLease(store, key, 12);
    expect(await store.leaseForgeWork({ key, owner: 'other', ttlMs: 100, at: 13 })).toBeNull();
    await store.releaseForgeWork(lease, done);
    expect(await store.leaseForgeWork({ key, owner: 'other', ttlMs: 100, at: 14 })).toBeNull();
  });

  test('a request during the work is not lost', async () => {
    const key = freshKey();
    await store.requestForgeWork(key, 10);
    const lease = await mustLease(store, key, 10);
    await store.requestForgeWork(key, 11);
    await store.releaseForgeWork(lease, done);
    expect(await store.dueForgeWork(12)).toContain(key);
    await mustLease(store, key, 12);
  });

  test('a killed worker’s work is free after its lease, and its late release changes nothing', async () => {
    const key = freshKey();
    await store.requestForgeWork(key, 10);
    const dead = await mustLease(store, key, 10);
    expect(await store.dueForgeWork(109)).not.toContain(key);
    const next = await mustLease(store, key, 110);
    await store.releaseForgeWork(dead, done);
    await store.requestForgeWork(key, 111);
    expect(await store.leaseForgeWork({ key, owner: 'third', ttlMs: 100, at: 112 })).toBeNull();
    await store.releaseForgeWork(next, done);
    await mustLease(store, key, 113);
  });

  test('a failure waits for its time, is counted, and a new request does not wait', async () => {
    const key = freshKey();
    await store.requestForgeWork(key, 10);
    await store.releaseForgeWork(await mustLease(store, key, 10), { retryAt: 500, failed: true });
    expect(await store.dueForgeWork(499)).not.toContain(key);
    const second = await mustLease(store, key, 500);
    expect(second.failures).toBe(1);
    await store.releaseForgeWork(second, { retryAt: 900, failed: true });
    await store.requestForgeWork(key, 510);
    const third = await mustLease(store, key, 510);
    expect(third.failures).toBe(2);
    await store.releaseForgeWork(third, done);
    await store.requestForgeWork(key, 520);
    expect((await mustLease(store, key, 520)).failures).toBe(0);
  });

  test('a review is kept as it was recorded last, open ones first', async () => {
    const source = freshStack('source');
    const record = reviewOf(source, 8);
    await store.recordReview({ ...reviewOf(source, 9), state: 'closed' });
    await store.recordReview(record);
    await store.recordReview({ ...record, title: 'newer' });
    expect(await store.review(source, 8)).toEqual({ ...record, title: 'newer' });
    const own = (await store.reviews()).filter((review) => review.source === source);
    expect(own.map(({ number }) => number)).toEqual([8, 9]);
  });

  test('an approval is in force until it is used up or lapses, and recorded once', async () => {
    const stack = freshStack('approved');
    const approval = approvalOf(stack);
    await store.recordMergedApprovals([approval], 1_000);
    await store.recordMergedApprovals([{ ...approval, by: 'somebody else' }], 1_001);
    expect(await store.mergedApprovals(stack, 1_000)).toEqual([approval]);
    expect(await store.mergedApprovals(stack, 1_001)).toEqual([]);
    await store.useMergedApprovals([approval], 1_002);
    expect(await store.mergedApprovals(stack, 0)).toEqual([]);
    await store.recordMergedApprovals([approval], 1_003);
    expect(await store.mergedApprovals(stack, 0)).toEqual([]);
  });

  test('what was reported of a stack is replaced', async () => {
    const stack = freshStack('reported');
    expect(await store.report(stack)).toBeNull();
    await store.recordReport({ stack, syncId: '1', state: 'pending', deployment: null });
    await store.recordReport({ stack, syncId: '1', state: 'success', deployment: '9' });
    expect(await store.report(stack)).toEqual({ stack, syncId: '1', state: 'success', deployment: '9' });
  });
});

function reviewOf(source: Name, number: number): ReviewRecord {
  return {
    source,
    number,
    url: 'https://github.example.com/acme/gitops/pull/8',
    state: 'open',
    head: revision('0123456789'.repeat(4)),
    version: '2026-01-01T00:00:00Z',
    title: '1 to change',
    conclusion: 'success',
    findings: [],
    reviewedAt: 5,
    approvals: [],
    comment: { id: '1', url: 'https://github.example.com/c/1', digest: 'sha256:0' },
    check: null,
    mergedAs: null,
    checkedAt: 6,
    error: null,
  };
}

function approvalOf(stack: Name): MergedApproval {
  const label = 'plimsoll/approve-DL101';
  const head = revision('0123456789'.repeat(4));
  const source = freshStack('source');
  return { stack, code: 'DL101', resource: 'volume data', by: 'ada', label, at: 5, source, number: 7, head };
}
