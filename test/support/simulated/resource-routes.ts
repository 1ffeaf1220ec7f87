import type { EndpointAnswer, ConfigAnswer } from '../../../reconciler/docker/wire.ts';
import { hasLabel } from './container-routes.ts';
import { readFilters } from './event-log.ts';
import {
  created,
  done,
  ok,
  readBody,
  readBytes,
  type Answer,
  type Exchange,
  type Route,
} from './exchange.ts';
import type { SimulatedContainer } from './host.ts';
import {
  describeImage,
  digestOf,
  findImage,
  findPublished,
  loadImage,
  pullImage,
  removeImage,
  requireImage,
  steady,
  withTag,
} from './images.ts';
import { readChanges } from './import.ts';
import { requireContainer } from './lookup.ts';
import {
  connect,
  createNetwork,
  describeNetwork,
  disconnect,
  removeNetwork,
  requireNetwork,
  type NetworkBody,
} from './networks.ts';
import { Refusal } from './refusal.ts';
import {
  createVolume,
  describeVolume,
  removeVolume,
  requireVolume,
  usersOf,
  type VolumeBody,
} from './volumes.ts';

export const resourceRoutes: readonly Route[] = [
  { method: 'GET', path: '/networks', answer: listNetworks },
  {
    method: 'POST',
    path: '/networks/create',
    answer: async (of) =>
      created({ Id: createNetwork(of.host, await readBody<NetworkBody>(of)).Id, Warning: '' }),
  },
  {
    method: 'GET',
    path: '/networks/:name',
    answer: ({ host, names }) => ok(describeNetwork(host, requireNetwork(host, names[0] ?? ''))),
  },
  { method: 'DELETE', path: '/networks/:name', answer: removeOneNetwork },
  { method: 'POST', path: '/networks/:name/connect', answer: attachOne },
  { method: 'POST', path: '/networks/:name/disconnect', answer: detachOne },
  { method: 'GET', path: '/volumes', answer: listVolumes },
  {
    method: 'POST',
    path: '/volumes/create',
    answer: async (of) => created(describeVolume(createVolume(of.host, await readBody<VolumeBody>(of)))),
  },
  {
    method: 'GET',
    path: '/volumes/:name',
    answer: ({ host, names }) => ok(describeVolume(requireVolume(host, names[0] ?? ''))),
  },
  { method: 'DELETE', path: '/volumes/:name', answer: removeOneVolume },
  {
    method: 'GET',
    path: '/images/json',
    answer: ({ host }) => ok([...host.images.values()].map((image) => describeImage(host, image))),
  },
  { method: 'POST', path: '/images/create', answer: createImage },
  { method: 'GET', path: '/images/:reference/json', answer: inspectImage },
  { method: 'DELETE', path: '/images/:reference', answer: removeOneImage },
  { method: 'GET', path: '/distribution/:reference/json', answer: inspectDistribution },
];

function listNetworks({ host, query }: Exchange): Answer {
  const { label = [], name = [] } = readFilters(query.get('filters'));
  const shown = [...host.networks.values()].filter(
    ({ Name, Labels }) =>
      label.every((wanted) => hasLabel(Labels ?? {}, wanted)) &&
      (name.length === 0 || name.some((part) => Name.includes(part))),
  );
  return ok(shown);
}

function removeOneNetwork({ host, names }: Exchange): Answer {
  removeNetwork(host, names[0] ?? '');
  return done;
}

interface EndpointBody {
  readonly Container: string;
  readonly EndpointConfig?: EndpointAnswer;
}

async function attachOne(exchange: Exchange): Promise<Answer> {
  const { container, body, key } = await readMembership(exchange);
  connect(exchange.host, container, { key, endpoint: body.EndpointConfig ?? {} });
  return ok('');
}

async function detachOne(exchange: Exchange): Promise<Answer> {
  const { container, key } = await readMembership(exchange);
  disconnect(exchange.host, container, key);
  return ok('');
}

interface Membership {
  readonly container: SimulatedContainer;
  readonly body: EndpointBody;
  readonly key: string;
}

async function readMembership(exchange: Exchange): Promise<Membership> {
  const body = await readBody<EndpointBody>(exchange);
  return { body, container: requireContainer(exchange.host, body.Container), key: exchange.names[0] ?? '' };
}

function listVolumes({ host, query }: Exchange): Answer {
  const { label = [], name = [], dangling = [] } = readFilters(query.get('filters'));
  const isDangling = (volume: string): boolean => usersOf(host, volume).length === 0;
  const shown = [...host.volumes.values()].filter(
    ({ Name, Labels }) =>
      label.every((wanted) => hasLabel(Labels ?? {}, wanted)) &&
      (name.length === 0 || name.some((part) => Name.includes(part))) &&
      dangling.every((wanted) => isDangling(Name) === /^(1|true)$/.test(wanted)),
  );
  return ok({ Volumes: shown.map(describeVolume), Warnings: null });
}

function removeOneVolume({ host, names }: Exchange): Answer {
  removeVolume(host, names[0] ?? '');
  return done;
}

function inspectImage({ host, names }: Exchange): Answer {
  const reference = names[0] ?? '';
  const image = findImage(host, reference);
  if (image === undefined)
    throw new Refusal(404, `no such image: ${reference}: No such image: ${withTag(reference)}`);
  return ok(describeImage(host, image));
}

function removeOneImage({ host, names }: Exchange): Answer {
  const reference = names[0] ?? '';
  const { id } = requireImage(host, reference);
  removeImage(host, reference);
  return ok([{ Untagged: withTag(reference) }, { Deleted: id }]);
}

/** A pull, or with `fromSrc` an import. What goes wrong in a pull is told in its stream. */
async function createImage(exchange: Exchange): Promise<Answer> {
  const { host, query, request } = exchange;
  const bytes = await readBytes(request);
  const source = query.get('fromImage') ?? '';
  if (source === '') return importImage(exchange, bytes);
  const tag = query.get('tag') ?? 'latest';
  const { digest } = pullImage(host, tag.startsWith('sha256:') ? `${source}@${tag}` : `${source}:${tag}`);
  return ok(lines({ status: `Pulling from ${source}`, id: tag }, { status: `Digest: ${digest}` }));
}

/** A file system that is not looked at: what counts is what the image says of itself. */
function importImage({ host, query }: Exchange, bytes: Buffer): Answer {
  const changes = query
    .getAll('changes')
    .flatMap((text) => (text.startsWith('[') ? (JSON.parse(text) as string[]) : [text]));
  const config: ConfigAnswer = readChanges(changes);
  const id = digestOf(`${JSON.stringify(config)} ${digestOf(bytes.toString('latin1'))}`);
  loadImage(
    host,
    { id, digest: null, config, program: steady },
    `${query.get('repo')}:${query.get('tag') || 'latest'}`,
  );
  return ok(lines({ status: id }));
}

function lines(...events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function inspectDistribution({ host, names }: Exchange): Answer {
  const image = findPublished(host, names[0] ?? '');
  if (image === undefined) throw new Refusal(404, `manifest unknown: manifest unknown`);
  return ok({ Descriptor: { digest: image.digest }, Platforms: [] });
}
