import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import Docker from 'dockerode';
import { inject } from 'vitest';
import type { RegistryCredential } from '../../reconciler/docker/auth.ts';
import { createCredentialProvider } from '../../reconciler/docker/auth.ts';
import { createEngine, type DockerEngine } from '../../reconciler/docker/engine.ts';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import type { SyncEvent } from '../../reconciler/model/event.ts';
import { type Name, containerName, defaultEngine, name, specHash } from '../../reconciler/model/ids.ts';
import type { ObservedContainer, ObservedState } from '../../reconciler/model/observed.ts';
import type { CreateContainer, Operation, Plan, Step, Target } from '../../reconciler/model/plan.ts';

/** An engine of ours beside a raw client, in a stack and an installation that no other test has. */
export interface Bench {
  readonly engine: DockerEngine;
  readonly docker: Docker;
  readonly stack: Name;
  readonly installation: Name;
  readonly socketPath: string;
  /** Removes every container, network and volume of the installation or of this stack's names, and closes. */
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly socketPath?: string;
  readonly credentials?: Readonly<Record<string, RegistryCredential>>;
}

export const never = new AbortController().signal;

export function openBench({
  socketPath = inject('engine').socketPath,
  credentials = {},
}: BenchOptions = {}): Bench {
  const id = randomBytes(4).toString('hex');
  const installation = name(`i${id}`);
  const stack = name(`s${id}`);
  const provider = createCredentialProvider({ explicit: credentials, configFile: null });
  const address = { kind: 'socket', path: socketPath } as const;
  const engine = createEngine({ address, installation, credentials: provider });
  const docker = new Docker({ socketPath });
  return {
    engine,
    docker,
    stack,
    installation,
    socketPath,
    async close() {
      await removeAll(docker, id);
      await engine.close();
    },
  };
}

/** A second engine object of the same installation, as another process has it. */
export function reopen({ socketPath, installation }: Bench): DockerEngine {
  const credentials = createCredentialProvider({ explicit: {}, configFile: null });
  return createEngine({ address: { kind: 'socket', path: socketPath }, installation, credentials });
}

async function removeAll(docker: Docker, id: string): Promise<void> {
  const filters = { label: [`dev.plimsoll.installation=i${id}`] };
  const named = { name: [`s${id}`] };
  for (const filter of [filters, named]) {
    const containers = await docker.listContainers({ all: true, filters: filter });
    await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  }
  for (const filter of [filters, named]) {
    const networks = await docker.listNetworks({ filters: filter });
    await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
    const { Volumes } = await docker.listVolumes({ filters: filter });
    await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
  }
}

/** Makes `plimsoll-test/<name>:1` of busybox, once for an engine. Its process sleeps and ends at once when asked. */
export async function makeTestImage(
  docker: Docker,
  image: string,
  {
    changes = [],
    files = {},
  }: { readonly changes?: readonly string[]; readonly files?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const wait = '#!/bin/sh\ntrap "exit 0" TERM INT\nwhile true; do sleep 3600 & wait; done\n';
  const options = {
    changes: ['CMD ["/bin/wait"]', ...changes],
    files: { 'bin/wait': wait, ...files },
    say: () => undefined,
  };
  await makeStandInImage(docker, image, options);
  return image;
}

export interface CreateOptions {
  readonly service?: string;
  readonly instance?: number;
  readonly name?: string;
  readonly hash?: string;
  readonly references?: CreateContainer['references'];
  readonly liveConfigs?: CreateContainer['liveConfigs'];
  readonly anonymousVolumes?: CreateContainer['anonymousVolumes'];
}

export function createOperation(
  stack: Name,
  intent: ContainerIntent,
  options: CreateOptions = {},
): CreateContainer {
  const { service = 'web', instance = 1, references = {}, liveConfigs = [], anonymousVolumes = {} } = options;
  const own = containerName(stack, name(service), instance);
  return {
    kind: 'createContainer',
    service: name(service),
    instance,
    name: options.name ?? own,
    intent,
    hash: specHash(`v1:${digestOf(options.hash ?? 'a')}`),
    revision: null,
    references,
    liveConfigs,
    anonymousVolumes,
  };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A plan of these operations, one after the other; the key is the step's id. */
export function planOf(stack: Name, operations: Readonly<Record<string, Operation>>): Plan {
  const ids = Object.keys(operations);
  const steps = Object.entries(operations).map(([id, operation], index): Step => ({
    id,
    after: ids.slice(Math.max(0, index - 1), index),
    resource: { kind: 'stack' },
    operation,
    because: 'the test says so',
  }));
  return planFrom(stack, steps);
}

export function planFrom(stack: Name, steps: readonly Step[]): Plan {
  return {
    format: 1,
    stack,
    engine: defaultEngine,
    revision: null,
    changes: [],
    findings: [],
    decisions: [],
    steps,
  };
}

export interface Applied {
  readonly events: readonly SyncEvent[];
  /** `create: succeeded`, `start: failed PortTaken`, in order of the ends. */
  readonly ends: readonly string[];
  readonly failure: { readonly code: string; readonly message: string; readonly output: string } | null;
}

export async function applyAll(
  engine: DockerEngine,
  plan: Plan,
  {
    contents = new Map(),
    signal = never,
  }: { contents?: ReadonlyMap<string, Uint8Array>; signal?: AbortSignal } = {},
): Promise<Applied> {
  const events: SyncEvent[] = [];
  for await (const event of engine.apply(plan, { contents, signal })) events.push(event);
  const failed = events.find((event) => event.kind === 'stepFailed');
  const failure = failed ?? null;
  return { events, ends: events.flatMap(formatEnd), failure };
}

/** Applies and expects that every step succeeds. */
export async function applyWell(
  bench: Bench,
  operations: Readonly<Record<string, Operation>>,
  contents: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<Applied> {
  const applied = await applyAll(bench.engine, planOf(bench.stack, operations), { contents });
  if (applied.failure !== null) throw new Error(`${applied.failure.code}: ${applied.failure.message}`);
  return applied;
}

function formatEnd(event: SyncEvent): readonly string[] {
  switch (event.kind) {
    case 'stepSucceeded':
      return [`${event.step}: succeeded`];
    case 'stepFailed':
      return [`${event.step}: failed ${event.code}`];
    case 'stepSkipped':
      return [`${event.step}: skipped`];
    default:
      return [];
  }
}

export function made(step: string, of: CreateContainer): Target {
  return { kind: 'step', step, name: of.name };
}

export async function look(engine: DockerEngine, images: readonly string[] = []): Promise<ObservedState> {
  return engine.observe({ images, freshImages: [] }, never);
}

/** The only container of ours, or the one of that name. */
export async function lookAtOne(engine: DockerEngine, named?: string): Promise<ObservedContainer> {
  const { containers } = await look(engine);
  const found = containers.filter((container) => named === undefined || container.name === named);
  if (found.length !== 1)
    throw new Error(`${found.length} containers of ours: ${found.map(({ name }) => name).join()}`);
  return found[0]!;
}

export function targetOf({ id, name }: { readonly id: string; readonly name: string }): Target {
  return { kind: 'container', id, name };
}

/** Host ports that were free a moment ago, in a row. */
export async function freePorts(count: number): Promise<readonly number[]> {
  for (;;) {
    const first = await listenBriefly(0);
    const others = Array.from({ length: count - 1 }, (_, index) => listenBriefly(first + index + 1));
    const ports = await Promise.all(others).catch(() => null);
    if (ports !== null) return [first, ...ports];
  }
}

async function listenBriefly(port: number): Promise<number> {
  const server = createServer().listen(port, '0.0.0.0');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return taken;
}
