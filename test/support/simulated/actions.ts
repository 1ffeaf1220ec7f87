import type { HostConfigAnswer } from '../../../reconciler/docker/wire.ts';
import { refuseTaken } from './create.ts';
import type { SimulatedContainer, SimulatedHost } from './host.ts';
import { isUp, tell } from './lookup.ts';
import { Refusal } from './refusal.ts';
import { beginRun, endRun } from './run.ts';
import { removeVolume, usersOf } from './volumes.ts';

/** True when there was something to do. */
export function startContainer(host: SimulatedHost, container: SimulatedContainer): boolean {
  const { status } = container.state;
  if (status === 'paused') throw new Refusal(409, 'cannot start a paused container, try unpause instead');
  if (isUp(container)) return false;
  container.isStoppedByHand = false;
  container.restartCount = 0;
  beginRun(host, container);
  return true;
}

/** As a process that honours SIGTERM at once, and with it a restart policy that is told not to act. */
export function stopContainer(host: SimulatedHost, container: SimulatedContainer): boolean {
  if (!isUp(container)) return false;
  tell(host, container, { action: 'kill', signal: '15' });
  container.isStoppedByHand = true;
  endRun(host, container, { exitCode: 0, isFinal: true });
  tell(host, container, { action: 'stop' });
  return true;
}

export function restartContainer(host: SimulatedHost, container: SimulatedContainer): void {
  stopContainer(host, container);
  startContainer(host, container);
  tell(host, container, { action: 'restart' });
}

/** What `docker kill` does counts as a stop by hand: no restart policy acts on it. */
export function killContainer(host: SimulatedHost, container: SimulatedContainer, signal: string): void {
  if (!isUp(container)) {
    const who = `Container ${container.id} is not running`;
    throw new Refusal(409, `Cannot kill container: ${container.name}: ${who}`);
  }
  const isDeadly = /^(SIG)?(KILL|TERM|INT|9|15|2)$/i.test(signal);
  tell(host, container, { action: 'kill', signal: /TERM|15/i.test(signal) ? '15' : '9' });
  if (!isDeadly) return;
  container.isStoppedByHand = true;
  endRun(host, container, { exitCode: /TERM|15|INT|2$/i.test(signal) ? 0 : 137, isFinal: true });
}

export function pauseContainer(host: SimulatedHost, container: SimulatedContainer): void {
  const { state } = container;
  if (state.status === 'paused') throw new Refusal(409, `Container ${container.id} is already paused`);
  if (state.status !== 'running') throw new Refusal(409, `Container ${container.id} is not running`);
  container.state = { ...state, status: 'paused' };
  tell(host, container, { action: 'pause' });
}

export function unpauseContainer(host: SimulatedHost, container: SimulatedContainer): void {
  const { state } = container;
  if (state.status !== 'paused') throw new Refusal(500, `Container ${container.id} is not paused`);
  container.state = { ...state, status: 'running' };
  tell(host, container, { action: 'unpause' });
}

export function renameContainer(host: SimulatedHost, container: SimulatedContainer, asked: string): void {
  const name = asked.replace(/^\//, '');
  const { name: oldName } = container;
  if (name === oldName) {
    throw new Refusal(400, 'Renaming a container with the same name as its current name');
  }
  refuseTaken(host, name);
  host.names.delete(oldName);
  host.names.set(name, container.id);
  container.name = name;
  tell(host, container, { action: 'rename', oldName: `/${oldName}` });
}

/** Zero and nothing leave a limit as it is; -1 takes one away. */
export function updateContainer(
  host: SimulatedHost,
  container: SimulatedContainer,
  changes: HostConfigAnswer,
): void {
  const said = Object.entries(changes).filter(([, value]) => value !== 0 && value !== null && value !== '');
  const { Memory = 0, MemorySwap = 0 } = { ...container.hostConfig, ...Object.fromEntries(said) };
  if ((MemorySwap ?? 0) > 0 && (Memory ?? 0) > (MemorySwap ?? 0)) {
    throw new Refusal(
      409,
      `Cannot update container ${container.id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
    );
  }
  container.hostConfig = { ...container.hostConfig, ...Object.fromEntries(said) };
  tell(host, container, { action: 'update' });
}

export interface Removal {
  readonly force: boolean;
  /** Anonymous ones as well. */
  readonly volumes: boolean;
}

export function removeContainer(
  host: SimulatedHost,
  container: SimulatedContainer,
  { force, volumes }: Removal,
): void {
  if (isUp(container)) {
    if (!force) {
      const remedy = 'Stop the container before attempting removal or force remove';
      throw new Refusal(409, `You cannot remove a running container ${container.id}. ${remedy}`);
    }
    tell(host, container, { action: 'kill', signal: '9' });
    endRun(host, container, { exitCode: 137, isFinal: true });
  }
  host.containers.delete(container.id);
  host.names.delete(container.name);
  if (volumes) removeAnonymous(host, container);
  tell(host, container, { action: 'destroy' });
}

/** Only those that the engine named for this very container, so not the ones that were handed over to it. */
function removeAnonymous(host: SimulatedHost, { mounts, hostConfig }: SimulatedContainer): void {
  const asked = new Set([
    ...(hostConfig.Binds ?? []).map((bind) => bind.split(':')[0]),
    ...(hostConfig.Mounts ?? []).map(({ Source }) => Source ?? ''),
  ]);
  for (const { Type, Name } of mounts) {
    if (Type !== 'volume' || !Name || asked.has(Name)) continue;
    if (usersOf(host, Name).length === 0) removeVolume(host, Name);
  }
}
