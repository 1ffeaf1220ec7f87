import { expect, test } from 'vitest';
import type { DeliveryBegin, DeliveryTally } from '../../reconciler/model/delivery.ts';
import { name } from '../../reconciler/model/ids.ts';
import { describeOnServers } from './open.ts';
import { freshStack } from './samples.ts';

function begin(receiver: string, delivery: string, receivedAt = 1_000): DeliveryBegin {
  return {
    receiver: name(receiver),
    delivery,
    event: 'push',
    hint: 'a push',
    sender: '192.0.2.1',
    receivedAt,
  };
}

function refusal(receiver: string, given: Partial<DeliveryTally> = {}): DeliveryTally {
  return {
    receiver: name(receiver),
    result: 'refused',
    code: 'SignatureWrong',
    event: '',
    reason: 'The signature does not fit.',
    sender: '192.0.2.1',
    count: 1,
    at: 1_000,
    ...given,
  };
}

const acted = { result: 'acted', reason: 'Looking.', durationMs: 7.6 } as const;

describeOnServers(({ store }) => {
  test('of many that begin one delivery at once exactly one may act', async () => {
    const receiver = freshStack('receiver');
    const begun = await Promise.all(
      Array.from({ length: 20 }, () => store.beginDelivery(begin(receiver, 'one'))),
    );
    expect(begun.filter(Boolean)).toHaveLength(1);
    expect(await store.deliveries({ receiver, limit: 10 })).toMatchObject([{ result: null, repeats: 19 }]);
  });

  test('a delivery that ended is a replay, of another receiver it is not', async () => {
    const [receiver, other] = [freshStack('receiver'), freshStack('receiver')];
    expect(await store.beginDelivery(begin(receiver, 'one'))).toBe(true);
    await store.finishDelivery({ receiver, delivery: 'one' }, acted);
    expect(await store.beginDelivery(begin(receiver, 'one', 2_000))).toBe(false);
    expect(await store.beginDelivery(begin(other, 'one'))).toBe(true);
    expect(await store.deliveries({ receiver, limit: 10 })).toEqual([
      {
        receiver,
        delivery: 'one',
        event: 'push',
        result: 'acted',
        reason: 'Looking.',
        hint: 'a push',
        sender: '192.0.2.1',
        receivedAt: 1_000,
        durationMs: 8,
        repeats: 1,
      },
    ]);
  });

  test('one that failed, or whose process died over it, may act when it comes again', async () => {
    const receiver = freshStack('receiver');
    await store.beginDelivery(begin(receiver, 'failed'));
    await store.finishDelivery({ receiver, delivery: 'failed' }, { ...acted, result: 'failed' });
    expect(await store.beginDelivery(begin(receiver, 'failed', 2_000))).toBe(true);
    expect(await store.beginDelivery(begin(receiver, 'failed', 2_001))).toBe(false);
    await store.beginDelivery(begin(receiver, 'died'));
    expect(await store.beginDelivery(begin(receiver, 'died', 61_000))).toBe(false);
    expect(await store.beginDelivery(begin(receiver, 'died', 61_001))).toBe(true);
  });

  test('refusals for one reason within an hour are one row', async () => {
    const receiver = freshStack('receiver');
    await store.recordTally(refusal(receiver, { count: 3 }));
    await store.recordTally(refusal(receiver, { sender: '192.0.2.2', at: 3_000 }));
    await store.recordTally(refusal(receiver, { code: 'TimestampOld', at: 2_000 }));
    await store.recordTally(refusal(receiver, { at: 4_000_000 }));
    const rows = await store.deliveries({ receiver, limit: 10 });
    expect(rows.map(({ receivedAt, repeats, sender }) => [receivedAt, repeats, sender])).toEqual([
      [4_000_000, 0, '192.0.2.1'],
      [3_000, 3, '192.0.2.2'],
      [2_000, 0, '192.0.2.1'],
    ]);
  });

  test('what is too old is forgotten, and of the rest all but the newest', async () => {
    const receiver = freshStack('receiver');
    for (const at of [1, 2, 3, 4, 5])
      await store.beginDelivery(begin(receiver, `${at}`, 10_000_000_000 + at));
    await store.dropDeliveries({ before: 10_000_000_002, keep: 3 });
    const rows = await store.deliveries({ receiver, limit: 10 });
    expect(rows.map(({ delivery }) => delivery)).toEqual(['5', '4', '3']);
    expect(await store.deliveries({ receiver, limit: 1 })).toHaveLength(1);
  });
});
