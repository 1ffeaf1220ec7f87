import { apiNeeds } from '../model/api-needs.ts';
import { posix } from 'node:path';
import type { ContainerIntent, ContainerSpec, Healthcheck, RestartPolicy } from '../model/container.ts';
import type { ImageConfig } from '../model/observed.ts';
import type { EngineFacts } from './facts.ts';
import { withoutOwnLabels } from './labels.ts';
import type { ConfigAnswer, ContainerAnswer, HealthcheckAnswer, HostConfigAnswer } from './wire.ts';

type ProcessFields = Pick<
  ContainerSpec,
  | 'annotations'
  | 'command'
  | 'domainname'
  | 'entrypoint'
  | 'environment'
  | 'healthcheck'
  | 'hostname'
  | 'init'
  | 'labels'
  | 'logging'
  | 'restart'
  | 'runtime'
  | 'stdin_open'
  | 'stop_grace_period'
  | 'stop_signal'
  | 'tty'
  | 'user'
  | 'working_dir'
>;

/** What an engine does where a health check does not say. */
const healthcheckDefaults = { interval: 30_000, timeout: 30_000, retries: 3, start_interval: 5_000 } as const;
const defaultStopSignal = 'SIGTERM';
const defaultGraceMs = 10_000;
const nanosecondsInMillisecond = 1_000_000;

/** What runs and how it is kept running, in canonical form. */
export function readProcess(answer: ContainerAnswer, facts: EngineFacts): ProcessFields {
  const { Config: config, HostConfig: host } = answer;
  return {
    ...readImageable(config),
    labels: withoutOwnLabels(config.Labels ?? {}),
    hostname: readHostname(answer, facts),
    domainname: sharesNetwork(host) ? '' : (config.Domainname ?? ''),
    annotations: host.Annotations ?? {},
    stdin_open: config.OpenStdin ?? false,
    tty: config.Tty ?? false,
    healthcheck: withDefaults(readHealthcheck(config.Healthcheck)),
    stop_signal: config.StopSignal ? readSignal(config.StopSignal) : defaultStopSignal,
    stop_grace_period: readGrace(config.StopTimeout),
    init: host.Init ?? facts.info.defaults.init,
    runtime: host.Runtime || facts.info.defaults.runtime,
    logging: {
      driver: host.LogConfig?.Type || facts.info.defaults.loggingDriver,
      options: host.LogConfig?.Config ?? {},
    },
    restart: readRestart(host.RestartPolicy),
  };
}

/** What an image says about the process, where it says anything. */
export function readImageProcess(config: ConfigAnswer): Omit<ImageConfig, 'expose' | 'volumes' | 'platform'> {
  return {
    ...readImageable(config),
    labels: config.Labels ?? {},
    healthcheck: readHealthcheck(config.Healthcheck),
    stop_signal: config.StopSignal ? readSignal(config.StopSignal) : '',
  };
}

/** Only what was said: what is absent here, the image or the engine fills in. */
export function writeProcess(intent: ContainerIntent, facts: EngineFacts): ConfigAnswer {
  return {
    ...(intent.command && { Cmd: intent.command }),
    ...(intent.entrypoint && { Entrypoint: intent.entrypoint }),
    ...(intent.environment && { Env: writeEnvironment(intent.environment) }),
    ...(intent.user !== undefined && { User: intent.user }),
    ...(intent.working_dir !== undefined && { WorkingDir: intent.working_dir }),
    ...(intent.hostname && { Hostname: intent.hostname }),
    ...(intent.domainname && { Domainname: intent.domainname }),
    ...(intent.stdin_open !== undefined && { OpenStdin: intent.stdin_open }),
    ...(intent.tty !== undefined && { Tty: intent.tty }),
    ...(intent.healthcheck && { Healthcheck: writeHealthcheck(intent.healthcheck, facts) }),
    ...(intent.stop_signal && { StopSignal: intent.stop_signal }),
    ...(intent.stop_grace_period !== undefined && {
      StopTimeout: Math.ceil(intent.stop_grace_period / 1000),
    }),
  };
}

export function writeSupervision(intent: ContainerIntent, facts: EngineFacts): HostConfigAnswer {
  const { annotations, init, logging, restart, runtime } = intent;
  return {
    ...(annotations && facts.supports(apiNeeds.annotations.api) && { Annotations: annotations }),
    ...(init !== undefined && { Init: init }),
    ...(runtime && { Runtime: runtime }),
    ...(logging && { LogConfig: { Type: logging.driver, Config: logging.options } }),
    ...(restart && { RestartPolicy: writeRestart(restart) }),
  };
}

export function writeRestart({
  condition,
  max_attempts: attempts,
}: RestartPolicy): HostConfigAnswer['RestartPolicy'] {
  return { Name: condition, MaximumRetryCount: condition === 'on-failure' ? attempts : 0 };
}

function readImageable(
  config: ConfigAnswer,
): Pick<ContainerSpec, 'command' | 'entrypoint' | 'environment' | 'user' | 'working_dir'> {
  return {
    command: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    environment: readEnvironment(config.Env ?? []),
    user: config.User ?? '',
    working_dir: config.WorkingDir ? cleanPath(config.WorkingDir) : '',
  };
}

/** As the engine cleans it: no `//`, no `..`, no slash at the end. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

/** A name without `=` takes a variable of the image away. */
function readEnvironment(lines: readonly string[]): Readonly<Record<string, string>> {
  const entries = lines.flatMap((line) => {
    const at = line.indexOf('=');
    return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  return Object.fromEntries(entries);
}

function writeEnvironment(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}

/** Where nobody said one, the engine writes the short id, or the name of whoever's network it shares. */
function readHostname({ Id, Config: config, HostConfig: host }: ContainerAnswer, facts: EngineFacts): string {
  const name = config.Hostname ?? '';
  if (name === Id.slice(0, 12) || host.UTSMode === 'host') return '';
  if (host.NetworkMode === 'host') return name === facts.hostName ? '' : name;
  return sharesNetwork(host) ? '' : name;
}

function sharesNetwork(host: HostConfigAnswer): boolean {
  return host.NetworkMode?.startsWith('container:') ?? false;
}

/** A check that never runs is none: absent, switched off, or without a test. */
function readHealthcheck(answer: HealthcheckAnswer | null | undefined): Healthcheck | null {
  const test = answer?.Test ?? [];
  if (!answer || test.length === 0 || test[0] === 'NONE') return null;
  return {
    test,
    interval: toMilliseconds(answer.Interval),
    timeout: toMilliseconds(answer.Timeout),
    retries: answer.Retries ?? 0,
    start_period: toMilliseconds(answer.StartPeriod),
    start_interval: toMilliseconds(answer.StartInterval),
  };
}

function withDefaults(check: Healthcheck | null): Healthcheck | null {
  if (check === null) return null;
  return {
    ...check,
    interval: check.interval || healthcheckDefaults.interval,
    timeout: check.timeout || healthcheckDefaults.timeout,
    retries: check.retries || healthcheckDefaults.retries,
    start_interval: check.start_interval || healthcheckDefaults.start_interval,
  };
}

function writeHealthcheck(check: Healthcheck, facts: EngineFacts): HealthcheckAnswer {
  return {
    ...(check.test.length > 0 && { Test: check.test }),
    Interval: check.interval * nanosecondsInMillisecond,
    Timeout: check.timeout * nanosecondsInMillisecond,
    Retries: check.retries,
    StartPeriod: check.start_period * nanosecondsInMillisecond,
    ...(facts.supports(apiNeeds['healthcheck.start_interval'].api) && {
      StartInterval: check.start_interval * nanosecondsInMillisecond,
    }),
  };
}

function toMilliseconds(nanoseconds: number | null | undefined): number {
  return (nanoseconds ?? 0) / nanosecondsInMillisecond;
}

function readSignal(signal: string): string {
  if (/^\d+$/.test(signal)) return signal;
  const name = signal.toUpperCase();
  return name.startsWith('SIG') ? name : `SIG${name}`;
}

function readGrace(seconds: number | null | undefined): number {
  return seconds === null || seconds === undefined ? defaultGraceMs : seconds * 1000;
}

function readRestart(policy: HostConfigAnswer['RestartPolicy']): RestartPolicy {
  switch (policy?.Name) {
    case 'always':
    case 'unless-stopped':
      return { condition: policy.Name, max_attempts: 0 };
    case 'on-failure':
      return { condition: 'on-failure', max_attempts: policy.MaximumRetryCount ?? 0 };
    default:
      return { condition: 'no', max_attempts: 0 };
  }
}
