import type { ConfigReceiver, OperatorConfig } from '../model/generated/config.ts';
import { name as nameFrom, type Name } from '../model/ids.ts';
import type { ListenAddress, Provider, Receiver } from '../model/receiver.ts';
import { Secret } from '../model/secret.ts';
import { inside, report, type Place } from './place.ts';

/** What the daemon serves over HTTP, and to whom. */
export interface ListenConfig {
  /** `default`: where something is to be served, at the usual address. */
  readonly listen: ListenAddress | 'default' | 'off';
  /** Addresses, networks (`10.0.0.0/8`) or words like `loopback`, whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly receivers: readonly Receiver[];
}

export function readListen(file: OperatorConfig, place: Place): ListenConfig {
  const receivers = file.receivers ?? [];
  const sources = (file.sources ?? []).map(({ name }) => name);
  checkReceiverNames(receivers, inside(place, 'receivers'));
  const listen = readAddress(file.listen, inside(place, 'listen'));
  if (listen === 'off' && receivers.length > 0)
    report(
      inside(place, 'listen'),
      'ConflictingKeys',
      'is off, so that no receiver can be reached. Remove it, or remove `receivers`.',
    );
  return {
    listen,
    trustedProxies: file.trusted_proxies ?? [],
    receivers: receivers.map((receiver, index) =>
      readReceiver(receiver, { sources, place: inside(place, 'receivers', index) }),
    ),
  };
}

const addressPattern = /^(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*):)?([0-9]{1,5})$/;

/** `8484` and `:8484` mean every address of the host. */
function readAddress(said: string | undefined, place: Place): ListenConfig['listen'] {
  if (said === undefined) return 'default';
  if (said === 'off') return 'off';
  const [, host = '', port = ''] = addressPattern.exec(said) ?? [];
  if (port === '' || Number(port) > 65_535)
    report(place, 'WrongValue', 'should be HOST:PORT, such as "127.0.0.1:8484", or off.');
  return { host: host === '' ? '::' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function checkReceiverNames(receivers: readonly ConfigReceiver[], place: Place): void {
  for (const [index, { name }] of receivers.entries()) {
    const first = receivers.findIndex((receiver) => receiver.name === name);
    if (first !== index)
      report(
        inside(place, index, 'name'),
        'DuplicateReceiver',
        `is the name of receivers[${first}] too. Rename one of them.`,
      );
  }
}

interface Around {
  readonly sources: readonly string[];
  readonly place: Place;
}

/** Senders that have nothing but the address and a header to prove themselves with name no registry of their own either. */
const takesRegistry: ReadonlySet<Provider> = new Set<Provider>(['registry', 'harbor']);

function readReceiver(receiver: ConfigReceiver, { sources, place }: Around): Receiver {
  const { name, provider, secrets, registry } = receiver;
  if (new Set(secrets).size !== secrets.length)
    report(inside(place, 'secrets'), 'DuplicateValue', 'holds one secret twice. Keep one of them.');
  if (registry !== undefined && !takesRegistry.has(provider))
    report(
      inside(place, 'registry'),
      'ConflictingKeys',
      `cannot stand beside \`provider: ${provider}\`. Remove it.`,
    );
  return {
    name: nameFrom(name),
    provider,
    secrets: secrets.map((secret) => new Secret(secret)),
    sources: receiver.sources === undefined ? null : readSourceNames(receiver.sources, { sources, place }),
    registry: registry?.toLowerCase() ?? null,
  };
}

function readSourceNames(said: readonly string[], { sources, place }: Around): readonly Name[] {
  for (const [index, source] of said.entries()) {
    if (sources.includes(source)) continue;
    const known = sources.length === 0 ? 'there is none' : `there are: ${sources.join(', ')}`;
    report(inside(place, 'sources', index), 'UnknownSource', `is not the name of a source; ${known}.`);
  }
  return said.map(nameFrom);
}
