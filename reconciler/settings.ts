import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { RegistryCredential } from './docker/auth.ts';
import { parseAddress } from './git/address.ts';
import { parseConfig, resolveConfig, type ConfigDraft } from './manifest/config.ts';
import type { EngineConfig, EnginesConfig } from './manifest/config-engines.ts';
import type { Config, CredentialsConfig, SourceConfig } from './manifest/config-read.ts';
import type { FileReading } from './manifest/config-value.ts';
import { SyncError } from './model/error.ts';
import { defaultEngine, type Name } from './model/ids.ts';
import { formatProblem, type Problem } from './model/problem.ts';
import { defaultStateDirectory } from './state-directory.ts';

/** The operator's file, the environment and the command line, as one. Paths are absolute. */
export interface Settings extends Omit<Config, 'stateDirectory' | 'registries'> {
  readonly registryCredentials: Readonly<Record<string, RegistryCredential>>;
  /** Docker's own config.json, whether or not there is one. */
  readonly dockerConfig: string;
  readonly stateDirectory: string;
  /** The operator's file that was read; null when there was none. */
  readonly configFile: string | null;
  readonly environment: NodeJS.ProcessEnv;
}

export interface SettingsRequest {
  /** What `--config` says; `null` reads no file at all. */
  readonly configFile?: string | null | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory. */
  readonly directory: string;
  readonly overrides?: SettingsOverrides;
}

/** What the command line says comes before the environment, and that before the file. */
export interface SettingsOverrides {
  readonly installation?: Name;
  readonly stateDirectory?: string;
  readonly engineHost?: string;
  readonly sources?: readonly SourceConfig[];
}

export interface SettingsReading {
  /** Null when there are problems. */
  readonly settings: Settings | null;
  readonly problems: readonly Problem[];
  /** PLIMSOLL_… variables that name nothing. */
  readonly unknownVariables: readonly string[];
}

/** The settings, or ConfigInvalid with every mistake in the file and the environment. */
export async function readSettings(request: SettingsRequest): Promise<Settings> {
  const { settings, problems } = await examineSettings(request);
  if (settings !== null) return settings;
  throw new SyncError(
    'ConfigInvalid',
    ['The configuration cannot be used.', ...problems.map(formatProblem)].join('\n'),
  );
}

/** The same, with mistakes as values. Throws only when the file that was named is not there. */
export async function examineSettings(request: SettingsRequest): Promise<SettingsReading> {
  const { environment, directory } = request;
  const configFile = findConfigFile(request);
  const bytes = configFile === null ? null : await readConfigFile(configFile);
  const draft = parseConfig(shownName(configFile, directory), bytes, environment);
  const base = configFile === null ? directory : dirname(configFile);
  const files = await readValueFiles(draft, base);
  const { config, problems } = resolveConfig(draft, { environment, files });
  const settings = config === null ? null : settle(config, { ...request, configFile, base });
  return { settings, problems, unknownVariables: draft.unknownVariables };
}

function findConfigFile({ configFile, environment, directory }: SettingsRequest): string | null {
  if (configFile === null) return null;
  const named = configFile ?? environment['PLIMSOLL_CONFIG'] ?? '';
  if (named !== '') return resolve(directory, named);
  const usual = join(directory, 'plimsoll.yaml');
  return existsSync(usual) ? usual : null;
}

async function readConfigFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError('FileUnusable', `The operator's file ${path} cannot be read: ${why}.`, { cause });
  }
}

/** As short as it can be and still be found. */
function shownName(configFile: string | null, directory: string): string {
  if (configFile === null) return 'environment';
  const near = relative(directory, configFile);
  return near.startsWith('..') ? configFile : near;
}

async function readValueFiles(
  { files }: ConfigDraft,
  base: string,
): Promise<ReadonlyMap<string, FileReading>> {
  const readings = files.map(async (path) => [path, await readValueFile(resolve(base, path))] as const);
  return new Map(await Promise.all(readings));
}

async function readValueFile(path: string): Promise<FileReading> {
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

interface Found extends SettingsRequest {
  readonly configFile: string | null;
  /** What relative paths in the file begin at. */
  readonly base: string;
}

function settle(
  config: Config,
  { environment, overrides = {}, configFile, base, directory }: Found,
): Settings {
  const { stateDirectory, registries, ...rest } = config;
  const { installation, sources } = config;
  const home = environment['HOME'] ?? homedir();
  return {
    ...rest,
    installation: overrides.installation ?? installation,
    ...chooseEngines(config, { engineHost: overrides.engineHost, base }),
    sources: overrides.sources ?? sources.map((source) => placed(source, base)),
    stateDirectory:
      overrides.stateDirectory !== undefined
        ? resolve(directory, overrides.stateDirectory)
        : stateDirectory !== null
          ? resolve(base, stateDirectory)
          : defaultStateDirectory(environment),
    registryCredentials: Object.fromEntries(
      registries.credentials.map(({ registry, ...login }) => [registry, { kind: 'password', ...login }]),
    ),
    dockerConfig:
      registries.dockerConfig !== null
        ? resolve(base, registries.dockerConfig)
        : join(environment['DOCKER_CONFIG'] ?? join(home, '.docker'), 'config.json'),
    configFile,
    environment,
  };
}

/** An address that was given by hand is that of the only engine. */
function chooseEngines(config: Config, { engineHost, base }: EngineGiven): EnginesConfig {
  const { engines, defaultEngine: byDefault } = config;
  if (engineHost === undefined) {
    return { engines: engines.map((engine) => placedEngine(engine, base)), defaultEngine: byDefault };
  }
  const ssh = { keyFile: null, knownHostsFile: null, hostKeys: 'strict' } as const;
  const only = { name: defaultEngine, host: engineHost, tls: null, ssh };
  return { engines: [only], defaultEngine };
}

interface EngineGiven {
  readonly engineHost: string | undefined;
  readonly base: string;
}

function placedEngine(engine: EngineConfig, base: string): EngineConfig {
  const { keyFile, knownHostsFile } = engine.ssh;
  const at = (path: string | null): string | null => (path === null ? null : resolve(base, path));
  const ssh = { ...engine.ssh, keyFile: at(keyFile), knownHostsFile: at(knownHostsFile) };
  return { ...engine, ssh };
}

/** Relative paths of repositories and keys begin at the file that says them. */
function placed(source: SourceConfig, base: string): SourceConfig {
  const { repository, credentials } = source;
  const isLocal = !repository.includes('://') && parseAddress(repository).kind === 'local';
  return {
    ...source,
    repository: isLocal ? resolve(base, repository) : repository,
    credentials: credentials?.kind === 'ssh' ? placedKeys(credentials, base) : credentials,
  };
}

type SshCredentials = Extract<CredentialsConfig, { readonly kind: 'ssh' }>;

function placedKeys({ keyFile, knownHostsFile, ...rest }: SshCredentials, base: string): SshCredentials {
  return {
    ...rest,
    ...(keyFile !== undefined && { keyFile: resolve(base, keyFile) }),
    ...(knownHostsFile !== undefined && { knownHostsFile: resolve(base, knownHostsFile) }),
  };
}
