import type { ConfigCredentials, ConfigSource, OperatorConfig } from '../model/generated/config.ts';
import { name as nameFrom, type Name } from '../model/ids.ts';
import { Secret } from '../model/secret.ts';
import { readAllowed, readEngines, type EngineConfig, type EnginesConfig } from './config-engines.ts';
import { readDashboard, type DashboardConfig } from './config-dashboard.ts';
import { readHistory, type HistoryConfig } from './config-history.ts';
import { readListen, type ListenConfig } from './config-listen.ts';
import { readForges, type ForgeConfig } from './config-forge.ts';
import { builtInDefaults, readRollout, readSync, type Defaults } from './defaults.ts';
import { readDrift } from './drift-policy.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';

/** The operator's file, typed. `null` is "not said". Secrets do not print. */
export interface Config extends ListenConfig {
  readonly installation: Name;
  readonly stateDirectory: string | null;
  readonly databaseUrl: Secret | null;
  /** Null: the queues stay inside the process. */
  readonly queueUrl: Secret | null;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly sources: readonly SourceConfig[];
  /** At least one. */
  readonly engines: readonly EngineConfig[];
  /** For stacks that name none; null where each must. */
  readonly defaultEngine: Name | null;
  readonly forges: readonly ForgeConfig[];
  readonly registries: {
    readonly credentials: readonly RegistryConfig[];
    readonly dockerConfig: string | null;
  };
  readonly dashboard: DashboardConfig;
  readonly history: HistoryConfig;
  readonly defaults: Defaults;
  readonly policy: PolicyConfig;
}

export interface SourceConfig {
  readonly name: Name;
  readonly repository: string;
  /** `HEAD`, a plain name, `refs/heads/…`, `refs/tags/…` or a full commit id. */
  readonly ref: string;
  /** `''` is the root. */
  readonly path: string;
  readonly intervalMs: number;
  /** The engines that its stacks may use; null for all. */
  readonly engines: readonly Name[] | null;
  readonly credentials: CredentialsConfig | null;
}

export type CredentialsConfig =
  | { readonly kind: 'token'; readonly token: Secret; readonly username?: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | {
      readonly kind: 'ssh';
      readonly keyFile?: string;
      readonly knownHostsFile?: string;
      readonly hostKeys: 'strict' | 'acceptNew' | 'off';
    };

export interface RegistryConfig {
  readonly registry: string;
  readonly username: string;
  readonly password: Secret;
}

export interface PolicyConfig {
  readonly allow: readonly string[];
  readonly hostPaths: readonly string[];
  readonly capabilities: readonly string[];
  /** Null allows all. */
  readonly registries: readonly string[] | null;
}

/** A validated file as its typed form; what only shows between keys is reported. */
export function readConfig(file: OperatorConfig, place: Place): Config {
  const sources = file.sources ?? [];
  checkSourceNames(sources, inside(place, 'sources'));
  const engines = readEngines(file, place);
  return {
    installation: nameFrom(file.installation ?? 'default'),
    stateDirectory: file.state_directory ?? null,
    databaseUrl: file.database?.url === undefined ? null : new Secret(file.database.url),
    queueUrl: readQueueUrl(file.queue?.url, inside(place, 'queue', 'url')),
    logLevel: file.log_level ?? 'info',
    sources: sources.map((source, index) => readSource(source, engines, inside(place, 'sources', index))),
    ...engines,
    forges: readForges(file.forges ?? [], { sources, place: inside(place, 'forges') }),
    registries: readRegistries(file.registries),
    defaults: readDefaults(file.defaults, inside(place, 'defaults')),
    policy: readPolicy(file.policy),
    ...readListen(file, place),
    dashboard: readDashboard(file, place),
    history: readHistory(file, place),
  };
}

function readQueueUrl(url: string | undefined, place: Place): Secret | null {
  if (url === undefined) return null;
  if (!URL.canParse(url))
    report(place, 'WrongValue', 'is no address. Write special characters of a password as %XX.');
  return new Secret(url);
}

function checkSourceNames(sources: readonly ConfigSource[], place: Place): void {
  for (const [index, { name }] of sources.entries()) {
    const first = sources.findIndex((source) => source.name === name);
    if (first !== index)
      report(
        inside(place, index, 'name'),
        'DuplicateSource',
        `is the name of sources[${first}] too. Rename one of them.`,
      );
  }
}

function readSource(source: ConfigSource, engines: EnginesConfig, place: Place): SourceConfig {
  const { name, repository, path = '.', interval = '60s', credentials } = source;
  checkRepository(repository, inside(place, 'repository'));
  const intervalMs = readDuration(interval, inside(place, 'interval'));
  if (intervalMs < 1000) report(inside(place, 'interval'), 'WrongValue', 'should be at least 1s.');
  return {
    name: nameFrom(name),
    repository,
    ref: refOf(source.ref ?? 'HEAD'),
    path: path.replace(/^(\.?\/)+|^\.$|\/+$/g, ''),
    intervalMs,
    engines: readAllowed(source.engines, engines, inside(place, 'engines')),
    credentials:
      credentials === undefined ? null : readCredentials(credentials, inside(place, 'credentials')),
  };
}

/** Addresses are shown and logged, so nothing secret may stand in them. */
function checkRepository(repository: string, place: Place): void {
  if (/^https?:\/\/[^/@]*@/.test(repository)) {
    report(
      place,
      'SecretInAddress',
      'has a user name or a password in it, and addresses are shown. Put them into `credentials`.',
    );
  }
}

function refOf(ref: NonNullable<ConfigSource['ref']>): string {
  if (typeof ref === 'string') return ref;
  if (ref.branch !== undefined) return `refs/heads/${ref.branch}`;
  if (ref.tag !== undefined) return `refs/tags/${ref.tag}`;
  return ref.commit ?? 'HEAD';
}

const hostKeys = { strict: 'strict', accept_new: 'acceptNew', off: 'off' } as const;

function readCredentials(said: ConfigCredentials, place: Place): CredentialsConfig | null {
  const {
    token,
    username,
    password,
    ssh_key_path: key,
    ssh_known_hosts_path: known,
    ssh_host_keys: keys,
  } = said;
  const isSsh = key !== undefined || known !== undefined || keys !== undefined;
  const isHttp = token !== undefined || username !== undefined || password !== undefined;
  if (isSsh && isHttp)
    report(
      place,
      'ConflictingKeys',
      'should be for https (token, or username and password) or for ssh, not for both.',
    );
  if (token !== undefined && password !== undefined)
    report(inside(place, 'password'), 'ConflictingKeys', 'cannot stand beside `token`. Keep one of them.');
  if (token !== undefined)
    return { kind: 'token', token: new Secret(token), ...(username !== undefined && { username }) };
  if (username !== undefined && password !== undefined)
    return { kind: 'basic', username, password: new Secret(password) };
  if (isHttp) report(place, 'MissingKey', 'needs "username" and "password", or "token".');
  if (!isSsh) return null;
  return {
    kind: 'ssh',
    ...(key !== undefined && { keyFile: key }),
    ...(known !== undefined && { knownHostsFile: known }),
    hostKeys: hostKeys[keys ?? 'strict'],
  };
}

function readRegistries(registries: OperatorConfig['registries']): Config['registries'] {
  const credentials = (registries?.credentials ?? []).map(({ registry, username, password }) => ({
    registry,
    username,
    password: new Secret(password),
  }));
  return { credentials, dockerConfig: registries?.docker_config ?? null };
}

function readDefaults(said: OperatorConfig['defaults'], place: Place): Defaults {
  return {
    sync: readSync(said?.sync, builtInDefaults.sync),
    rollout: readRollout(said?.rollout, builtInDefaults.rollout, inside(place, 'rollout')),
    drift: readDrift(said?.drift, builtInDefaults.drift, inside(place, 'drift')),
  };
}

function readPolicy(policy: OperatorConfig['policy']): PolicyConfig {
  const registries = policy?.registries ?? [];
  return {
    allow: policy?.allow ?? [],
    hostPaths: policy?.host_paths ?? [],
    capabilities: policy?.capabilities ?? [],
    registries: registries.length === 0 ? null : registries,
  };
}
