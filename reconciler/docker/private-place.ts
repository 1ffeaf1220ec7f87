import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runOnHost } from './host-command.ts';
import type { PrivateNetwork } from './private-network.ts';

/** Where a private engine keeps what. */
export interface Place {
  /** Names the containerd namespace, the folder in /run and the owner of the bridge. */
  readonly name: string;
  readonly directory: string;
  readonly data: string;
  readonly log: string;
  /** In /run: sockets have short paths there, and nothing of it survives a reboot. */
  readonly runtime: string;
  /** Also what tells its dockerd apart from any other in the process table. */
  readonly config: string;
  /** The same for its containerd; dockerd writes the file. */
  readonly containerdConfig: string;
  readonly socketPath: string;
}

export async function preparePlace(stateDirectory: string): Promise<Place> {
  await mkdir(stateDirectory, { recursive: true });
  const directory = join(await realpath(stateDirectory), 'engine');
  const name = `plimsoll-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
  const runtime = join('/run', name);
  return {
    name,
    directory,
    data: join(directory, 'data'),
    log: join(directory, 'engine.log'),
    runtime,
    config: configPathOf(name),
    containerdConfig: join(runtime, 'exec', 'containerd', 'containerd.toml'),
    socketPath: join(runtime, 'docker.sock'),
  };
}

export function configPathOf(name: string): string {
  return join('/run', name, 'daemon.json');
}

export interface ConfigContent {
  readonly network: PrivateNetwork;
  /** Whether dockerd manages the firewall itself, as it usually does. */
  readonly ownsFirewall: boolean;
}

export async function writeConfig(place: Place, { network, ownsFirewall }: ConfigContent): Promise<void> {
  await mkdir(place.data, { recursive: true });
  await mkdir(place.runtime, { recursive: true });
  await chmod(place.runtime, 0o700);
  await clearProcessIds(place);
  const config = {
    'data-root': place.data,
    'exec-root': join(place.runtime, 'exec'),
    pidfile: join(place.runtime, 'dockerd.pid'),
    hosts: [`unix://${place.socketPath}`],
    bridge: network.bridge,
    'default-address-pools': [{ base: network.pool, size: 22 }],
    // A second dockerd flushes the chains of the first, so only a lone one may manage them.
    ...(ownsFirewall ? {} : { iptables: false, ip6tables: false }),
    // Containers run on while a dockerd that ended by itself is started again.
    'live-restore': true,
    // Where the host's containerd runs, dockerd uses that one.
    'containerd-namespace': place.name,
    'containerd-plugins-namespace': `${place.name}-plugins`,
    'log-level': 'warn',
  };
  await writeFile(place.config, JSON.stringify(config, null, 2));
  await writeFile(networkFile(place), JSON.stringify(network));
}

/**
 * While the process id in one of these exists, be it a zombie or a stranger, dockerd refuses to start or waits for that
 * containerd in vain.
 */
export async function clearProcessIds(place: Place): Promise<void> {
  await rm(join(place.runtime, 'dockerd.pid'), { force: true });
  await rm(join(dirname(place.containerdConfig), 'containerd.pid'), { force: true });
}

/** From its next reading of this file on, dockerd takes its containers along when it ends. */
export async function forbidSurvivors(place: Place): Promise<void> {
  const text = await readFile(place.config, 'utf8').catch(() => '{}');
  const config = JSON.parse(text) as Readonly<Record<string, unknown>>;
  await writeFile(place.config, JSON.stringify({ ...config, 'live-restore': false }, null, 2));
}

/** The addresses of the last run, which the engine's stored networks still have. */
export async function readNetwork(place: Place): Promise<PrivateNetwork | undefined> {
  try {
    return JSON.parse(await readFile(networkFile(place), 'utf8')) as PrivateNetwork;
  } catch {
    return undefined;
  }
}

/** Takes away what a killed dockerd left mounted, so that the folders can be removed. Deepest first. */
export async function releaseMounts(place: Place): Promise<void> {
  for (const point of (await mountsBelow(place)).toReversed()) {
    try {
      await runOnHost(['umount', '--lazy', point]);
    } catch (error) {
      // A shim that ends meanwhile takes its own away.
      if ((await mountsBelow(place)).includes(point)) throw error;
    }
  }
}

async function mountsBelow({ data, runtime }: Place): Promise<readonly string[]> {
  return (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => [data, runtime].some((folder) => point === folder || point.startsWith(`${folder}/`)));
}

function networkFile(place: Place): string {
  return join(place.directory, 'network.json');
}
