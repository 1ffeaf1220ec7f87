import type { HealthcheckAnswer } from '../../../reconciler/docker/wire.ts';
import type { HeldPort, SimulatedContainer, SimulatedHost } from './host.ts';
import type { Behaviour } from './images.ts';
import { tell } from './lookup.ts';
import { plug, unplug } from './networks.ts';
import { behaviourOf, checkCode } from './program.ts';
import { Refusal } from './refusal.ts';

/** From the start of a process to what it does by itself. Throws where its ports or networks cannot be had. */
export function beginRun(host: SimulatedHost, container: SimulatedContainer): void {
  const behaviour = prepareRun(host, container);
  const check = container.config.Healthcheck;
  const isChecked =
    check?.Test !== undefined && check.Test !== null && check.Test[0] !== 'NONE' && check.Test.length > 0;
  container.run += 1;
  container.state = {
    status: 'running',
    exitCode: 0,
    error: '',
    startedAt: Date.now(),
    finishedAt: container.state.finishedAt,
    health: isChecked ? { status: 'starting', failingStreak: 0, log: [] } : null,
  };
  tell(host, container, { action: 'start' });
  planEnd(host, container, behaviour);
  if (isChecked) planCheck(host, container, { check, readyAt: Date.now() + behaviour.readyAfterMs });
}

/** A start that fails leaves the container as it was, but for what went wrong. */
function prepareRun(host: SimulatedHost, container: SimulatedContainer): Behaviour {
  try {
    const behaviour = behaviourOf(host, container);
    container.ports = takePorts(host, container);
    plug(host, container);
    return behaviour;
  } catch (error) {
    container.ports = [];
    const exitCode = error instanceof Refusal && error.status === 400 ? 127 : 128;
    container.state = { ...container.state, exitCode, error: String(error) };
    throw error;
  }
}

interface End {
  readonly exitCode: number;
  /** No restart policy acts. */
  readonly isFinal: boolean;
}

export function endRun(host: SimulatedHost, container: SimulatedContainer, { exitCode, isFinal }: End): void {
  const { startedAt, health } = container.state;
  const wasUp = container.state.status !== 'restarting';
  container.run += 1;
  container.ports = [];
  const restarts = !isFinal && mustRestart(container, exitCode);
  container.state = {
    status: restarts ? 'restarting' : 'exited',
    exitCode,
    error: '',
    startedAt,
    finishedAt: Date.now(),
    health: health === null ? null : { ...health, status: 'unhealthy' },
  };
  if (wasUp) {
    tell(host, container, { action: 'die', exitCode: String(exitCode) });
    unplug(host, container);
  }
  if (restarts) planRestart(host, container);
}

function mustRestart(
  { hostConfig, restartCount, isStoppedByHand }: SimulatedContainer,
  exitCode: number,
): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy ?? {};
  if (Name === 'always') return true;
  if (Name === 'unless-stopped') return !isStoppedByHand;
  const most = MaximumRetryCount ?? 0;
  return Name === 'on-failure' && exitCode !== 0 && (most === 0 || restartCount < most);
}

const firstRestartMs = 100;
const longestRestartMs = 60_000;

function planRestart(host: SimulatedHost, container: SimulatedContainer): void {
  const { run, restartCount } = container;
  host.later(Math.min(firstRestartMs * 2 ** restartCount, longestRestartMs), () => {
    if (container.run !== run || !host.containers.has(container.id)) return;
    container.restartCount += 1;
    try {
      beginRun(host, container);
    } catch {
      container.state = { ...container.state, status: 'exited' };
    }
  });
}

function planEnd(host: SimulatedHost, container: SimulatedContainer, { exit }: Behaviour): void {
  if (exit === null) return;
  const { run } = container;
  host.later(exit.afterMs, () => {
    if (container.run === run) endRun(host, container, { exitCode: exit.code, isFinal: false });
  });
}

interface Check {
  readonly check: HealthcheckAnswer;
  readonly readyAt: number;
}

const nanosecondsInMillisecond = 1_000_000;
const kept = 5;

/** Fails until the process is ready, and then as its command says. */
function planCheck(host: SimulatedHost, container: SimulatedContainer, of: Check): void {
  const { run } = container;
  const intervalMs = (of.check.Interval || 30_000 * nanosecondsInMillisecond) / nanosecondsInMillisecond;
  host.later(intervalMs, () => {
    if (container.run !== run) return;
    if (container.state.status === 'running') recordCheck(host, container, of);
    planCheck(host, container, of);
  });
}

function recordCheck(host: SimulatedHost, container: SimulatedContainer, { check, readyAt }: Check): void {
  const { state } = container;
  const { startedAt } = state;
  if (state.health === null || startedAt === null) return;
  const at = Date.now();
  const exitCode = at < readyAt ? 1 : checkCode(check.Test ?? [], container.files);
  const isStarting =
    state.health.status === 'starting' &&
    at < startedAt + (check.StartPeriod ?? 0) / nanosecondsInMillisecond;
  const counted = exitCode === 0 || isStarting ? 0 : 1;
  const failingStreak = exitCode === 0 ? 0 : state.health.failingStreak + counted;
  const isUnhealthy = failingStreak >= (check.Retries || 3);
  const status = exitCode === 0 ? 'healthy' : isUnhealthy ? 'unhealthy' : state.health.status;
  const log = [...state.health.log, { at, exitCode }].slice(-kept);
  container.state = { ...state, health: { status, failingStreak, log } };
  if (status !== state.health.status) tell(host, container, { action: `health_status: ${status}` });
}

const firstFreePort = 32_768;

function takePorts(host: SimulatedHost, { hostConfig, endpoints }: SimulatedContainer): readonly HeldPort[] {
  const bindings = Object.entries(hostConfig.PortBindings ?? {});
  if (endpoints.size === 0 || bindings.length === 0) return [];
  const held = [...host.containers.values()].flatMap(({ ports }) => ports);
  const isFree = (ip: string, port: number): boolean =>
    !held.some(
      (other) => other.port === port && (other.ip === ip || other.ip === '0.0.0.0' || ip === '0.0.0.0'),
    );
  return bindings.flatMap(([target, wanted]) =>
    (wanted && wanted.length > 0 ? wanted : [{}]).map(({ HostIp, HostPort }) => {
      const ip = HostIp || '0.0.0.0';
      const [first = 0, last = first] = (HostPort || '0').split('-').map(Number);
      const range = first === 0 ? { from: firstFreePort, to: 65_535 } : { from: first, to: last };
      for (let port = range.from; port <= range.to; port += 1) {
        if (!isFree(ip, port)) continue;
        held.push({ target, ip, port });
        return { target, ip, port };
      }
      throw new Refusal(
        500,
        `driver failed programming external connectivity on endpoint: Bind for ${ip}:${first} failed: port is already allocated`,
      );
    }),
  );
}
