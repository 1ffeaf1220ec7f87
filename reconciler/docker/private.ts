import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { SyncError } from '../model/error.ts';
import { findProgram, searchPath, tryOnHost } from './host-command.ts';
import { openFirewall } from './private-firewall.ts';
import { claimNetwork, releaseNetwork } from './private-network.ts';
import type { Place } from './private-place.ts';
import {
  clearProcessIds,
  configPathOf,
  forbidSurvivors,
  preparePlace,
  readNetwork,
  releaseMounts,
  writeConfig,
} from './private-place.ts';
import { resumeProbes } from './private-probes.ts';
import {
  endProcess,
  endShims,
  findProcess,
  hasOtherDockerd,
  reloadProcess,
  runsStill,
} from './private-process.ts';
import { waitForReload, waitForVersion } from './private-ready.ts';

export interface PrivateEngineOptions {
  /** Its images, volumes and stored containers are kept here, below `engine/`. */
  readonly stateDirectory: string;
  /** Ends the start, not an engine that has started. */
  readonly signal?: AbortSignal;
  /** A folder with dockerd, containerd, runc and docker-proxy that is looked at before PATH. */
  readonly programs?: string;
  readonly deadlineMs?: number;
}

export interface PrivateEngine {
  readonly socketPath: string;
  readonly version: string;
  readonly processId: number;
  /** It was running already, left by a Plimsoll that was killed. */
  readonly adopted: boolean;
  /** The file that its dockerd writes to. */
  readonly log: string;
  /** Whether its dockerd runs at this moment. */
  isRunning(): boolean;
  /** Once its dockerd ended by itself: starts another one, under which the containers go on. The signal ends the start. */
  revive(signal: AbortSignal): Promise<PrivateEngine>;
  /** Ends the engine and its containers, and takes its bridges and firewall rules away. Its data stays. */
  stop(): Promise<void>;
}

/** Longer than Docker's own 15 s for containers that ignore their stop signal. */
const stopDeadlineMs = 40_000;

/**
 * Starts an installed dockerd of our own, beside any other engine of the host: own data, socket, containerd namespace,
 * bridge and address range. An engine that a killed Plimsoll left behind for the same state directory is adopted when
 * it answers and replaced when it does not, so that there are never two; where only its containers are left, they go on. Throws EngineUnreachable, with the last lines
 * of its log where it ran at all.
 */
export async function startPrivateEngine(options: PrivateEngineOptions): Promise<PrivateEngine> {
  const place = await preparePlace(options.stateDirectory);
  return (await adopt(place, options)) ?? (await resume(place, options)) ?? (await start(place, options));
}

/** Why this process cannot start a private engine, as a finished sentence, or nothing where it can try. */
export function whyNoPrivateEngine(programs?: string): string | undefined {
  if (process.platform !== 'linux')
    return 'A private Docker engine runs on Linux only. Start Docker, then try again.';
  if (process.getuid?.() !== 0)
    return 'A private Docker engine needs root. Start Docker, or run this as root.';
  const missing = ['dockerd', 'ip', 'iptables'].filter((name) => findProgram(name, programs) === undefined);
  if (missing.length === 0) return undefined;
  return `A private Docker engine needs ${missing.join(', ')}: install Docker and iproute2 first.`;
}

async function adopt(place: Place, options: PrivateEngineOptions): Promise<PrivateEngine | undefined> {
  const processId = findProcess(place.config);
  if (processId === undefined) return undefined;
  try {
    const version = await waitForVersion(place, { ...options, processId });
    return describeEngine(place, options, { processId, version, adopted: true });
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    await endEngine(place, 5_000);
    return undefined;
  }
}

/** Containers of a dockerd that is gone still run, on their bridges: another one on the same place has them again. */
async function resume(place: Place, options: PrivateEngineOptions): Promise<PrivateEngine | undefined> {
  const network = await readNetwork(place);
  if (network === undefined || !existsSync(place.config)) return undefined;
  if (!(await tryOnHost(['ip', 'link', 'show', 'dev', network.bridge]))) return undefined;
  try {
    return await takeOver(place, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    await endEngine(place, 5_000);
    return undefined;
  }
}

async function takeOver(place: Place, options: PrivateEngineOptions): Promise<PrivateEngine> {
  const engine = await launch(place, options);
  await resumeProbes(place.socketPath);
  return engine;
}

async function start(place: Place, options: PrivateEngineOptions): Promise<PrivateEngine> {
  const obstacle = whyNoPrivateEngine(options.programs);
  if (obstacle !== undefined) throw new SyncError('EngineUnreachable', obstacle);
  const ownsFirewall = !hasOtherDockerd();
  const network = await claimNetwork({
    owner: place.name,
    preferred: (await readNetwork(place))?.bridge,
    isAlive: (owner) => findProcess(configPathOf(owner)) !== undefined,
  });
  await rm(place.log, { force: true });
  await writeConfig(place, { network, ownsFirewall });
  try {
    if (!ownsFirewall) await openFirewall(network);
    return await launch(place, options);
  } catch (error) {
    await endEngine(place);
    throw error;
  }
}

/** Runs dockerd by the configuration that is there. What a dockerd before it left running is not ended. */
async function launch(place: Place, options: PrivateEngineOptions): Promise<PrivateEngine> {
  await endProcess(place.containerdConfig, 5_000);
  await clearProcessIds(place);
  const processId = await spawnDockerd(place, options.programs);
  const version = await waitForVersion(place, { ...options, processId });
  return describeEngine(place, options, { processId, version, adopted: false });
}

/** Its own session and a log file instead of pipes, so that neither Ctrl-C nor our death reaches it by accident. */
async function spawnDockerd(place: Place, programs: string | undefined): Promise<number> {
  const dockerd = findProgram('dockerd', programs) ?? 'dockerd';
  const log = await open(place.log, 'a');
  try {
    const child = spawn(dockerd, ['--config-file', place.config], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, PATH: searchPath(programs) },
    });
    child.unref();
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return child.pid ?? 0;
  } catch (cause) {
    throw new SyncError('EngineUnreachable', `${dockerd} could not be run.`, { cause });
  } finally {
    await log.close();
  }
}

function describeEngine(
  place: Place,
  options: PrivateEngineOptions,
  facts: Pick<PrivateEngine, 'processId' | 'version' | 'adopted'>,
): PrivateEngine {
  return {
    ...facts,
    socketPath: place.socketPath,
    log: place.log,
    isRunning: () => runsStill(facts.processId, place.config),
    revive: async (signal) =>
      (await adopt(place, { ...options, signal })) ?? takeOver(place, { ...options, signal }),
    stop: () => endEngine(place),
  };
}

async function endEngine(place: Place, deadlineMs = stopDeadlineMs): Promise<void> {
  await endSurvival(place);
  await endProcess(place.config, deadlineMs);
  await endProcess(place.containerdConfig, 5_000);
  await endShims(place.name, 5_000);
  const network = await readNetwork(place);
  if (network !== undefined) await releaseNetwork(network);
  await releaseMounts(place);
  await rm(place.runtime, { recursive: true, force: true });
}

/** Containers are to end with the engine now, in order, each with the time that it has for that. */
async function endSurvival(place: Place): Promise<void> {
  if (findProcess(place.config) === undefined) return;
  await forbidSurvivors(place);
  reloadProcess(place.config);
  await waitForReload(place);
}
