import { expect, test } from 'vitest';
import { name, revision, specHash } from '../../reconciler/model/ids.ts';
import type { StableService } from '../../reconciler/model/ports.ts';
import type { Hold } from '../../reconciler/model/status.ts';
import { describeOnServers } from './open.ts';
import { freshStack, sampleService } from './samples.ts';

function rejected(stack: string, service: string, hash: string): Hold {
  return {
    kind: 'rejected',
    stack: name(stack),
    service: name(service),
    hash: specHash(`v1:${hash.repeat(32)}`),
    digest: hash === 'cd' ? 'sha256:cd' : null,
    revision: revision('0'.repeat(40)),
    why: 'The rollout failed.',
    since: 100,
  };
}

function frozen(stack: string, until = 900): Hold {
  return { kind: 'freeze', stack: name(stack), why: 'Black Friday', since: 100, until };
}

function stable(service: string, digest: string | null = 'acme/web@sha256:1'): StableService {
  const definition = sampleService(service);
  return { service: name(service), hash: definition.hash, revision: null, definition, digest };
}

describeOnServers(({ store, sql }) => {
  test('an inventory is replaced as a whole and comes back sorted', async () => {
    const [stack, other] = [freshStack(), freshStack()];
    const engine = name('default');
    const web = { engine, kind: 'service', name: name('web'), engineName: 'shop-web' } as const;
    const net = { engine, kind: 'network', name: name('web'), engineName: 'shop_web' } as const;
    const former = { engine, kind: 'network', name: name('web'), engineName: 'shop_former' } as const;
    const data = { engine, kind: 'volume', name: name('data'), engineName: 'shop_data' } as const;
    await store.recordInventory(other, [web], 1);
    await store.recordInventory(stack, [web, data, net, former, web], 1);
    expect(await store.inventory(stack)).toEqual([former, net, web, data]);
    await store.recordInventory(stack, [data], 2);
    expect(await store.inventory(stack)).toEqual([data]);
    expect(await store.inventory(other)).toEqual([web]);
  });

  test('an inventory that is written twice at once is one of the two, whole', async () => {
    const stack = freshStack();
    const items = (count: number) =>
      Array.from({ length: 50 }, (_, index) => ({
        engine: name('default'),
        kind: 'service' as const,
        name: name(`s${index}`),
        engineName: `round-${count}`,
      }));
    await Promise.all([1, 2, 3, 4].map((count) => store.recordInventory(stack, items(count), count)));
    const found = await store.inventory(stack);
    expect(found).toHaveLength(50);
    expect(new Set(found.map(({ engineName }) => engineName)).size).toBe(1);
  });

  test('holds come back exactly, freezes first', async () => {
    const stack = freshStack();
    const holds = [frozen(stack), rejected(stack, 'db', 'ab'), rejected(stack, 'web', 'cd')];
    for (const hold of holds.toReversed()) await store.recordHold(hold);
    expect(await store.holds(stack)).toEqual(holds);
    expect(await store.holds(freshStack())).toEqual([]);
  });

  test('a service has one rejected hash at a time and a stack one freeze: the latest', async () => {
    const stack = freshStack();
    await store.recordHold(rejected(stack, 'web', 'ab'));
    await store.recordHold(rejected(stack, 'db', 'ab'));
    await store.recordHold(rejected(stack, 'web', 'cd'));
    await store.recordHold(frozen(stack, 500));
    await store.recordHold(frozen(stack, 600));
    expect(await store.holds(stack)).toEqual([
      frozen(stack, 600),
      rejected(stack, 'db', 'ab'),
      rejected(stack, 'web', 'cd'),
    ]);
  });

  test('holds that are recorded at once leave one in force', async () => {
    const stack = freshStack();
    await Promise.all(['ab', 'cd', 'ef', '01'].map((hash) => store.recordHold(rejected(stack, 'web', hash))));
    await Promise.all([500, 600, 700].map((until) => store.recordHold(frozen(stack, until))));
    expect(await store.holds(stack)).toHaveLength(2);
  });

  test('lifting says how many were lifted, lifts nothing else, and keeps what was lifted as a row', async () => {
    const [stack, other] = [freshStack(), freshStack()];
    for (const hold of [
      frozen(stack),
      frozen(other),
      rejected(stack, 'web', 'ab'),
      rejected(stack, 'db', 'ab'),
    ]) {
      await store.recordHold(hold);
    }
    expect(await store.liftHold(stack, { kind: 'rejected', service: name('web') }, 200)).toBe(1);
    expect(await store.liftHold(stack, { kind: 'rejected', service: name('web') }, 201)).toBe(0);
    expect(await store.holds(stack)).toEqual([frozen(stack), rejected(stack, 'db', 'ab')]);
    expect(await store.liftHold(stack, { kind: 'freeze' }, 300)).toBe(1);
    expect(await store.liftHold(stack, { kind: 'rejected' }, 300)).toBe(1);
    expect(await store.holds(stack)).toEqual([]);
    expect(await store.holds(other)).toEqual([frozen(other)]);
    const rows = await sql`select lifted_at from plimsoll.holds where stack = ${stack} order by id`;
    expect(rows.map(({ liftedAt }) => Number(liftedAt))).toEqual([300, 200, 300]);
  });

  test('a stable version comes back exactly, and a newer one takes its place', async () => {
    const stack = freshStack();
    await store.recordStable(stack, [stable('web'), stable('db', null)], 1);
    expect(await store.stableServices(stack)).toEqual([stable('db', null), stable('web')]);
    await store.recordStable(stack, [stable('web', 'acme/web@sha256:2')], 2);
    expect(await store.stableServices(stack)).toEqual([
      stable('db', null),
      stable('web', 'acme/web@sha256:2'),
    ]);
    await store.recordStable(stack, [], 3);
    expect(await store.stableServices(stack)).toHaveLength(2);
  });

  test('contents come back byte for byte, and only those that were asked for and are there', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    const large = new Uint8Array(3_000_000).fill(7);
    await store.recordContents(
      new Map([
        ['sha256:every', every],
        ['sha256:none', new Uint8Array()],
        ['sha256:large', large],
      ]),
    );
    const found = await store.contents(['sha256:every', 'sha256:none', 'sha256:missing']);
    expect(found).toEqual(
      new Map([
        ['sha256:every', every],
        ['sha256:none', new Uint8Array()],
      ]),
    );
    const read = (await store.contents(['sha256:large'])).get('sha256:large');
    expect(Buffer.compare(read ?? Buffer.alloc(0), large)).toBe(0);
    expect(await store.contents([])).toEqual(new Map());
  });

  test('the same contents can be recorded any number of times, also at once', async () => {
    const contents = new Map([['sha256:same', Uint8Array.of(1, 2, 3)]]);
    await Promise.all(Array.from({ length: 10 }, () => store.recordContents(contents)));
    expect(await store.contents(['sha256:same'])).toEqual(contents);
  });
});
