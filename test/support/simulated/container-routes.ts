import { extract } from 'tar-stream';
import { Readable } from 'node:stream';
import type { CreateBody, HostConfigAnswer } from '../../../reconciler/docker/wire.ts';
import {
  killContainer,
  pauseContainer,
  removeContainer,
  renameContainer,
  restartContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
  updateContainer,
} from './actions.ts';
import { createContainer } from './create.ts';
import { describeContainer, listContainer } from './describe.ts';
import { readFilters, type Filters } from './event-log.ts';
import {
  created,
  done,
  isSet,
  nothingToDo,
  ok,
  readBody,
  readBytes,
  type Answer,
  type Exchange,
  type Route,
} from './exchange.ts';
import type { SimulatedContainer } from './host.ts';
import { isUp, requireContainer } from './lookup.ts';

export const containerRoutes: readonly Route[] = [
  { method: 'GET', path: '/containers/json', answer: list },
  { method: 'POST', path: '/containers/create', answer: create },
  {
    method: 'GET',
    path: '/containers/:name/json',
    answer: (of) => ok(describeContainer(of.host, subject(of))),
  },
  { method: 'GET', path: '/containers/:name/logs', answer: () => ok('') },
  { method: 'GET', path: '/containers/:name/changes', answer: (of) => ok(changes(subject(of))) },
  { method: 'PUT', path: '/containers/:name/archive', answer: putArchive },
  { method: 'POST', path: '/containers/:name/wait', answer: wait },
  {
    method: 'POST',
    path: '/containers/:name/start',
    answer: (of) => (startContainer(of.host, subject(of)) ? done : nothingToDo),
  },
  {
    method: 'POST',
    path: '/containers/:name/stop',
    answer: (of) => (stopContainer(of.host, subject(of)) ? done : nothingToDo),
  },
  {
    method: 'POST',
    path: '/containers/:name/restart',
    answer: act((of) => restartContainer(of.host, subject(of))),
  },
  {
    method: 'POST',
    path: '/containers/:name/kill',
    answer: act((of) => killContainer(of.host, subject(of), of.query.get('signal') ?? 'SIGKILL')),
  },
  {
    method: 'POST',
    path: '/containers/:name/pause',
    answer: act((of) => pauseContainer(of.host, subject(of))),
  },
  {
    method: 'POST',
    path: '/containers/:name/unpause',
    answer: act((of) => unpauseContainer(of.host, subject(of))),
  },
  {
    method: 'POST',
    path: '/containers/:name/rename',
    answer: act((of) => renameContainer(of.host, subject(of), of.query.get('name') ?? '')),
  },
  { method: 'POST', path: '/containers/:name/update', answer: update },
  { method: 'DELETE', path: '/containers/:name', answer: act(remove) },
];

function subject({ host, names }: Exchange): SimulatedContainer {
  return requireContainer(host, names[0] ?? '');
}

function act(work: (exchange: Exchange) => void): Route['answer'] {
  return (exchange) => {
    work(exchange);
    return done;
  };
}

function list({ host, query }: Exchange): Answer {
  const filters = readFilters(query.get('filters'));
  const all = [...host.containers.values()].reverse();
  const shown = all.filter(
    (container) => (isSet(query, 'all') || isUp(container)) && isListed(container, filters),
  );
  return ok(`[${shown.map((container) => listContainer(host, container)).join(',')}]`);
}

function isListed({ id, name, config, state }: SimulatedContainer, filters: Filters): boolean {
  const { label = [], name: patterns = [], id: ids = [], status = [], health = [] } = filters;
  return (
    label.every((wanted) => hasLabel(config.Labels ?? {}, wanted)) &&
    (patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern).test(`/${name}`))) &&
    (ids.length === 0 || ids.some((wanted) => id.startsWith(wanted))) &&
    (status.length === 0 || status.includes(state.status)) &&
    (health.length === 0 || health.includes(state.health?.status ?? 'none'))
  );
}

/** `key`, or `key=value`. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at === -1 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

async function create(exchange: Exchange): Promise<Answer> {
  const body = await readBody<CreateBody>(exchange);
  const { id } = createContainer(exchange.host, body, exchange.query.get('name') ?? '');
  return created({ Id: id, Warnings: [] });
}

async function update(exchange: Exchange): Promise<Answer> {
  const changed = await readBody<HostConfigAnswer>(exchange);
  updateContainer(exchange.host, subject(exchange), changed);
  return ok({ Warnings: [] });
}

function remove(exchange: Exchange): void {
  const { host, query } = exchange;
  removeContainer(host, subject(exchange), { force: isSet(query, 'force'), volumes: isSet(query, 'v') });
}

async function putArchive(exchange: Exchange): Promise<Answer> {
  const { files } = subject(exchange);
  const directory = (exchange.query.get('path') ?? '/').replace(/\/$/, '');
  const entries = Readable.from([await readBytes(exchange.request)]).pipe(extract());
  for await (const entry of entries) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    files.set(`${directory}/${entry.header.name}`, Buffer.concat(parts).toString());
  }
  return ok('');
}

function changes({ files }: SimulatedContainer): object {
  return [...files.keys()].sort().map((Path) => ({ Path, Kind: 1 }));
}

/** Answers when the process has ended. */
function wait(exchange: Exchange): Promise<Answer | null> {
  const container = subject(exchange);
  const { host, response } = exchange;
  const isOver = (): boolean => !isUp(container) || !host.containers.has(container.id);
  return new Promise((resolve) => {
    const end = (): void => {
      stopListening();
      resolve(response.destroyed ? null : ok({ StatusCode: container.state.exitCode, Error: null }));
    };
    const stopListening = host.events.listen(() => {
      if (isOver()) end();
    });
    response.once('close', end);
    if (isOver()) end();
  });
}
