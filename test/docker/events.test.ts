import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createConnection } from '../../reconciler/docker/connection.ts';
import type { EngineEvent } from '../../reconciler/docker/event-line.ts';
import { createEventFeed, type EventFeed } from '../../reconciler/docker/events.ts';
import { createFactSource } from '../../reconciler/docker/facts.ts';
import { makeTestImage, openBench, type Bench } from './fixture.ts';
import { startRelay } from './relay.ts';

let bench: Bench;
const waitMs = 20_000;

const image = 'plimsoll-test/events:1';

beforeAll(async () => {
  bench = openBench();
  await makeTestImage(bench.docker, image);
});
afterAll(() => bench.close());

interface Listening {
  readonly feed: EventFeed;
  readonly heard: readonly EngineEvent['kind'][];
  end(): Promise<void>;
}

async function listen(socketPath: string, auditEveryMs: number): Promise<Listening> {
  const lifetime = new AbortController();
  const connection = createConnection({ kind: 'socket', path: socketPath });
  const options = { lifetime: lifetime.signal, auditEveryMs };
  const feed = createEventFeed(connection, createFactSource(connection), options);
  const heard: EngineEvent['kind'][] = [];
  feed.listen(({ kind }) => heard.push(kind));
  const followed = feed.follow(lifetime.signal);
  await vi.waitFor(() => expect(feed.isLive()).toBe(true), waitMs);
  return {
    feed,
    heard,
    async end() {
      lifetime.abort();
      await followed;
      connection.close();
    },
  };
}

async function startContainer(): Promise<string> {
  const container = await bench.docker.createContainer({
    name: `${bench.stack}-told-1`,
    Image: image,
  });
  await container.start();
  return container.id;
}

test('what happens to a container is told once and in order, with its signal and its exit code', async () => {
  const listening = await listen(bench.socketPath, 100);
  const id = await startContainer();
  await bench.docker.getContainer(id).stop();
  await bench.docker.getContainer(id).remove();
  const told = () =>
    listening.feed.told().flatMap((event) => (event.id === id ? [[event.action, event.details]] : []));
  await vi.waitFor(() => expect(told().at(-1)?.[0]).toBe('destroy'), waitMs);
  const actions = told().filter(([action]) => action !== 'connect' && action !== 'disconnect');
  expect(actions).toEqual([
    ['create', {}],
    ['start', {}],
    ['kill', { signal: '15' }],
    ['die', { exitCode: '0' }],
    ['stop', {}],
    ['destroy', {}],
  ]);
  await listening.end();
});

test('what the stream left out is asked for: a gap is told, and what happened is known after all', async () => {
  const relay = await startRelay(bench.socketPath);
  const listening = await listen(relay.path, 100);
  relay.muteEvents(true);
  const id = await startContainer();
  await bench.docker.getContainer(id).remove({ force: true });
  await vi.waitFor(() => expect(listening.heard).toContain('gap'), waitMs);
  expect(listening.feed.gaps()).toBeGreaterThan(0);
  const actions = listening.feed.told().flatMap((event) => (event.id === id ? [event.action] : []));
  expect(actions).toContain('create');
  await listening.end();
  await relay.close();
});
