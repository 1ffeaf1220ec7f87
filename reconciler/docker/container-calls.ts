import type { IncomingMessage } from 'node:http';
import type { Connection, EngineRequest } from './connection.ts';
import type {
  ChangeAnswer,
  ContainerAnswer,
  ContainerListItem,
  CreateBody,
  EndpointAnswer,
  HostConfigAnswer,
} from './wire.ts';

/** A container as calls need it: the id to be exact, the name to be readable. */
export interface ContainerRef {
  readonly id: string;
  readonly name: string;
}

interface Waiting {
  readonly signal: AbortSignal;
}

interface StopOptions extends Waiting {
  /** Null: what the container says itself. */
  readonly graceMs: number | null;
  readonly deadlineMs: number;
}

/** The engine waits for the kernel in these, and on a loaded machine that takes its time. */
const slowDeadlineMs = 120_000;

export function listContainers(to: Connection, signal: AbortSignal): Promise<readonly ContainerListItem[]> {
  return to.askItems(listing('containerList', { query: { all: true }, signal }));
}

/** Only these; who is not among them is gone. */
export function listContainersById(
  to: Connection,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ContainerListItem[]> {
  const query = { all: true, filters: JSON.stringify({ id: ids }) };
  return to.askItems(listing('containerListById', { query, signal }));
}

function listing(call: string, rest: Pick<EngineRequest, 'query' | 'signal'>): EngineRequest {
  return {
    call,
    action: 'list containers',
    thing: 'engine',
    method: 'GET',
    path: '/containers/json',
    ...rest,
  };
}

export function inspectContainer(
  to: Connection,
  container: ContainerRef,
  signal: AbortSignal,
): Promise<ContainerAnswer> {
  const call = { call: 'containerInspect', verb: 'inspect', method: 'GET', path: '/json', signal } as const;
  return to.ask(on(container, call));
}

export interface LogOptions extends Waiting {
  /** The last so many. */
  readonly lines: number;
}

/** What it wrote, as the engine frames it. */
export function readLogs(
  to: Connection,
  container: ContainerRef,
  { lines, signal }: LogOptions,
): Promise<IncomingMessage> {
  const call = { call: 'containerLogs', verb: 'read the output of', method: 'GET', path: '/logs' } as const;
  const query = { stdout: true, stderr: true, tail: lines };
  return to.stream(on(container, { ...call, query, signal }));
}

/** Null where the container has nothing of its own. */
export function listChanges(
  to: Connection,
  container: ContainerRef,
  signal: AbortSignal,
): Promise<readonly ChangeAnswer[] | null> {
  const call = {
    call: 'containerChanges',
    verb: 'look into',
    method: 'GET',
    path: '/changes',
    signal,
  } as const;
  return to.ask(on(container, call));
}

export interface CreateOptions extends Waiting {
  readonly name: string;
  readonly platform: string | null;
}

export async function createContainer(
  to: Connection,
  body: CreateBody,
  { name, platform, signal }: CreateOptions,
): Promise<ContainerRef> {
  const { Id } = await to.ask<{ readonly Id: string }>({
    call: 'containerCreate',
    action: `create container ${name}`,
    thing: 'container',
    method: 'POST',
    path: '/containers/create',
    query: { name, ...(platform !== null && { platform }) },
    body,
    deadlineMs: slowDeadlineMs,
    signal,
  });
  return { id: Id, name };
}

export async function startContainer(
  to: Connection,
  container: ContainerRef,
  signal: AbortSignal,
): Promise<void> {
  const call = { call: 'containerStart', verb: 'start', method: 'POST', path: '/start', signal } as const;
  await to.ask(on(container, { ...call, deadlineMs: slowDeadlineMs }));
}

export async function stopContainer(
  to: Connection,
  container: ContainerRef,
  options: StopOptions,
): Promise<void> {
  const call = { call: 'containerStop', verb: 'stop', method: 'POST', path: '/stop' } as const;
  await to.ask(on(container, { ...call, ...withGrace(options) }));
}

export async function restartContainer(
  to: Connection,
  container: ContainerRef,
  options: StopOptions,
): Promise<void> {
  const call = { call: 'containerRestart', verb: 'restart', method: 'POST', path: '/restart' } as const;
  await to.ask(on(container, { ...call, ...withGrace(options) }));
}

export async function signalContainer(
  to: Connection,
  container: ContainerRef,
  { name, signal }: Waiting & { readonly name: string },
): Promise<void> {
  const call = { call: 'containerKill', verb: `send ${name} to`, method: 'POST', path: '/kill' } as const;
  await to.ask(on(container, { ...call, query: { signal: name }, signal }));
}

export async function unpauseContainer(
  to: Connection,
  container: ContainerRef,
  signal: AbortSignal,
): Promise<void> {
  const call = { call: 'containerUnpause', verb: 'unpause', method: 'POST', path: '/unpause' } as const;
  await to.ask(on(container, { ...call, signal }));
}

/** By force, running or not. `volumes`: its anonymous ones as well. */
export async function removeContainer(
  to: Connection,
  container: ContainerRef,
  { volumes, signal }: Waiting & { readonly volumes: boolean },
): Promise<void> {
  const call = { call: 'containerRemove', verb: 'remove', method: 'DELETE', path: '' } as const;
  const query = { force: true, v: volumes };
  await to.ask(on(container, { ...call, query, deadlineMs: slowDeadlineMs, signal }));
}

export async function renameContainer(
  to: Connection,
  container: ContainerRef,
  { name, signal }: Waiting & { readonly name: string },
): Promise<void> {
  const call = { call: 'containerRename', verb: 'rename', method: 'POST', path: '/rename' } as const;
  await to.ask(on(container, { ...call, query: { name }, signal }));
}

export async function updateContainer(
  to: Connection,
  container: ContainerRef,
  { body, signal }: Waiting & { readonly body: HostConfigAnswer },
): Promise<void> {
  const call = { call: 'containerUpdate', verb: 'update', method: 'POST', path: '/update' } as const;
  await to.ask(on(container, { ...call, body, signal }));
}

export interface ArchiveOptions extends Waiting {
  /** Where the tar is unpacked, inside the container. */
  readonly directory: string;
  readonly archive: Buffer;
}

/** A tar of what is at a path inside the container, running or not. */
export function getArchive(
  to: Connection,
  container: ContainerRef,
  { path, signal }: Waiting & { readonly path: string },
): Promise<IncomingMessage> {
  const call = { call: 'containerRead', verb: 'read config files of', method: 'GET' } as const;
  return to.stream(on(container, { ...call, path: '/archive', query: { path }, signal }));
}

/** Works on a container that was never started, and on one that runs. */
export async function putArchive(
  to: Connection,
  container: ContainerRef,
  { directory, archive, signal }: ArchiveOptions,
): Promise<void> {
  const call = { call: 'containerArchive', verb: 'copy config files into', method: 'PUT' } as const;
  await to.ask(on(container, { ...call, path: '/archive', query: { path: directory }, archive, signal }));
}

export interface ConnectOptions extends Waiting {
  readonly network: string;
  readonly endpoint: EndpointAnswer;
}

export async function connectNetwork(
  to: Connection,
  container: ContainerRef,
  { network, endpoint, signal }: ConnectOptions,
): Promise<void> {
  await to.ask({
    call: 'networkConnect',
    action: `connect container ${container.name} to network ${network}`,
    thing: 'network',
    method: 'POST',
    path: `/networks/${encodeURIComponent(network)}/connect`,
    body: { Container: container.id, EndpointConfig: endpoint },
    signal,
  });
}

export async function disconnectNetwork(
  to: Connection,
  container: ContainerRef,
  { network, signal }: Waiting & { readonly network: string },
): Promise<void> {
  await to.ask({
    call: 'networkDisconnect',
    action: `disconnect container ${container.name} from network ${network}`,
    thing: 'network',
    method: 'POST',
    path: `/networks/${encodeURIComponent(network)}/disconnect`,
    body: { Container: container.id, Force: true },
    signal,
  });
}

type Call = Omit<EngineRequest, 'action' | 'thing'> & { readonly verb: string };

function on({ id, name }: ContainerRef, { verb, path, ...call }: Call): EngineRequest {
  return {
    ...call,
    thing: 'container',
    action: `${verb} container ${name}`,
    path: `/containers/${encodeURIComponent(id)}${path}`,
  };
}

/** Engines take whole seconds only. */
function withGrace({
  graceMs,
  deadlineMs,
  signal,
}: StopOptions): Pick<EngineRequest, 'query' | 'deadlineMs' | 'signal'> {
  const query = graceMs === null ? {} : { t: Math.ceil(graceMs / 1000) };
  return { query, deadlineMs, signal };
}
