import { createHmac, randomUUID } from 'node:crypto';
import { request as ask } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createNoticeFeed } from '../../reconciler/control/feed.ts';
import { openListener, type Listener } from '../../reconciler/listener.ts';
import { connectWorld } from '../../reconciler/main.ts';
import type { DeliveryRecord } from '../../reconciler/model/delivery.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Provider, Receiver } from '../../reconciler/model/receiver.ts';
import { Secret } from '../../reconciler/model/secret.ts';
import { readSettings, type Settings } from '../../reconciler/settings.ts';
import { accessStore } from '../../reconciler/store-access.ts';
import type { World } from '../../reconciler/sync/world.ts';

const tenMinutesMs = 600_000;

export const secret = 'correct horse battery staple';

export interface Receiving {
  readonly world: World;
  readonly listener: Listener;
  readonly url: string;
  readonly settings: Settings;
  readonly bugs: unknown[];
  /** Names of the sources that were woken since the last call. */
  woken(): readonly string[];
  deliveries(): Promise<readonly DeliveryRecord[]>;
  close(): Promise<void>;
}

export interface ReceivingOptions {
  readonly directory: string;
  readonly sources: readonly { readonly name: string; readonly repository: string; readonly ref?: string }[];
  readonly receivers: readonly Receiver[];
  readonly trustedProxies?: readonly string[];
  readonly readTimeoutMs?: number;
  /** Default: a free one. */
  readonly port?: number;
}

interface ReceiverGiven extends Partial<Omit<Receiver, 'name' | 'provider' | 'sources'>> {
  readonly name: string;
  readonly provider: Provider;
  readonly sources?: readonly string[];
}

export function receiver({ sources, ...given }: ReceiverGiven): Receiver {
  return {
    secrets: [new Secret(secret)],
    registry: null,
    ...given,
    name: name(given.name),
    sources: sources?.map(name) ?? null,
  };
}

/** The receivers of a daemon on a real store, whose engine does not answer; its loops do not run. */
export async function startReceiving(options: ReceivingOptions): Promise<Receiving> {
  const { directory, sources, receivers, trustedProxies = [], readTimeoutMs } = options;
  const settings = await readSettings({
    configFile: null,
    directory,
    environment: { PATH: process.env['PATH'] },
    overrides: {
      stateDirectory: join(directory, 'state'),
      sources: sources.map((source) => ({
        repository: source.repository,
        name: name(source.name),
        ref: source.ref ?? 'refs/heads/main',
        path: '',
        intervalMs: tenMinutesMs,
        engines: null,
        credentials: null,
      })),
    },
  });
  const noEngine = join(directory, 'no-engine.sock');
  const bugs: unknown[] = [];
  const onBug = (error: unknown): void => void bugs.push(error);
  const access = await accessStore(settings, { isShared: false });
  const { store } = access;
  const connected = await connectWorld(settings, {
    engines: [
      { name: name('default'), host: `unix://${noEngine}`, address: { kind: 'socket', path: noEngine } },
    ],
    store,
    notifier: { notify: () => {} },
    onBug,
  });
  const woken = new Set<string>();
  const { wakes } = connected.world;
  const world: World = {
    ...connected.world,
    wakes: {
      ...wakes,
      wake(source, wake) {
        woken.add(source);
        wakes.wake(source, wake);
      },
    },
  };
  const address = { host: '127.0.0.1', port: options.port ?? 0 };
  const timing = readTimeoutMs === undefined ? {} : { readTimeoutMs };
  const { dashboard } = settings;
  const feed = createNoticeFeed();
  const open = { address, receivers, trustedProxies, dashboard, world, feed, onBug };
  const listener = await openListener({ ...open, ...timing });
  return {
    world,
    listener,
    url: listener.url,
    settings,
    bugs,
    woken() {
      const names = [...woken].sort();
      woken.clear();
      return names;
    },
    deliveries: () => store.deliveries({ limit: 1000 }),
    async close() {
      await listener.close();
      await connected.close();
      await access.close();
    },
  };
}

export interface Sent {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Sending {
  readonly url: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  /** Another address of loopback. */
  readonly localAddress?: string;
}

/** One request, answered; a connection of its own, so that an answer without reading leaves nothing behind. */
export async function send({
  url,
  body,
  headers = {},
  method = 'POST',
  localAddress,
}: Sending): Promise<Sent> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const sent = ask(url, {
      method,
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
      ...(localAddress !== undefined && { localAddress }),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      text(response)
        .then((answer) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: answer.startsWith('{') ? (JSON.parse(answer) as Sent['body']) : {},
          }),
        )
        .catch(reject);
    });
    sent.end(bytes);
  });
}

export function hexSignature(body: string | Buffer, key = secret): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

/** Headers as GitHub sends them. */
export function githubHeaders(
  event: string,
  body: string | Buffer,
  { key = secret, delivery = randomUUID() }: { readonly key?: string; readonly delivery?: string } = {},
): Record<string, string> {
  return {
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': `sha256=${hexSignature(body, key)}`,
  };
}

export interface PushGiven {
  readonly repository: string;
  readonly ref?: string;
  readonly before?: string;
  readonly after?: string;
}

/** As much of a push as matters. */
export function githubPush(given: PushGiven): string {
  const { repository, ref = 'refs/heads/main', before = 'a'.repeat(40), after = 'b'.repeat(40) } = given;
  return JSON.stringify({
    ref,
    before,
    after,
    repository: { clone_url: repository, default_branch: 'main' },
    commits: [],
  });
}
