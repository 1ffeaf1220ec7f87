import { setTimeout } from 'node:timers/promises';
import { stopGraceSeconds, type Fleet } from './fleet.ts';
import { inParallel, type RawEngine } from './raw-engine.ts';

/** How many creations at once give an engine its best throughput on a few processors. */
const width = 8;
const network = 'raw';

/** The same fleet by hand: the calls that nobody can do without, in the best order that we know. */
export async function createRawFleet(engine: RawEngine, fleet: Fleet): Promise<void> {
  await engine.ask('POST', '/networks/create', { Name: network, CheckDuplicate: true });
  await inParallel(fleet.names, width, (name) => startRaw(engine, fleet, { name, release: 1 }));
}

export async function removeRawFleet(engine: RawEngine, fleet: Fleet): Promise<void> {
  await inParallel(fleet.names, width, (name) => remove(engine, `raw-${name}`));
  await removeNetwork(engine);
}

const mostTries = 50;

/** Just after its last container has gone, an engine may still say that a network has active endpoints. */
async function removeNetwork(engine: RawEngine): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await engine.ask('DELETE', `/networks/${network}`);
      return;
    } catch (error) {
      if (tries === mostTries) throw error;
      await setTimeout(100);
    }
  }
}

/** One service replaced, its newcomer started first, and the name handed over at the end. */
export async function replaceRaw(engine: RawEngine, fleet: Fleet, container: RawContainer): Promise<void> {
  await startRaw(engine, fleet, { ...container, suffix: '.new' });
  await engine.ask('POST', `/containers/raw-${container.name}/stop`);
  await handOver(engine, container);
}

/** The same where the newcomer needs what the old one holds: the gap lasts from the stop to the start. */
export async function recreateRaw(engine: RawEngine, fleet: Fleet, container: RawContainer): Promise<void> {
  const id = await create(engine, fleet, { ...container, suffix: '.new' });
  await engine.ask('POST', `/containers/raw-${container.name}/stop`);
  await start(engine, id);
  await handOver(engine, container);
}

export interface RawContainer {
  readonly name: string;
  readonly release: number;
  readonly port?: number;
  readonly suffix?: string;
}

export async function startRaw(engine: RawEngine, fleet: Fleet, container: RawContainer): Promise<void> {
  await start(engine, await create(engine, fleet, container));
}

async function handOver(engine: RawEngine, { name }: RawContainer): Promise<void> {
  await remove(engine, `raw-${name}`);
  await engine.ask('POST', `/containers/raw-${name}.new/rename?name=raw-${name}`);
}

async function remove(engine: RawEngine, container: string): Promise<void> {
  await engine.ask('DELETE', `/containers/${container}?force=true&v=true`);
}

async function start(engine: RawEngine, id: string): Promise<void> {
  await engine.ask('POST', `/containers/${id}/start`);
}

async function create(
  engine: RawEngine,
  fleet: Fleet,
  { name, release, port, suffix = '' }: RawContainer,
): Promise<string> {
  const answer = await engine.ask('POST', `/containers/create?name=raw-${name}${suffix}`, {
    Image: fleet.image,
    Env: [`RELEASE=${release}`],
    StopTimeout: stopGraceSeconds,
    Labels: { [rawServiceLabel]: name },
    ...(port !== undefined && { ExposedPorts: { '80/tcp': {} } }),
    HostConfig: {
      NetworkMode: network,
      ...(port !== undefined && { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } }),
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [name] } } },
  });
  return (answer as { readonly Id: string }).Id;
}

export const rawServiceLabel = 'bench.service';
