import { readFile } from 'node:fs/promises';
import { isSyncError, type SyncError } from '../model/error.ts';
import { isJsonRecord, type Json, type JsonRecord } from '../model/json.ts';
import { Secret } from '../model/secret.ts';
import { askCredentialHelper } from './credential-helper.ts';

/** What a registry asks for: a name and a password, or a token that stands for both. */
export type RegistryCredential =
  | { readonly kind: 'password'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'token'; readonly token: Secret };

/** Finds the credential for a registry such as `ghcr.io` or `docker.io`; null where there is none. */
export type CredentialProvider = (
  registry: string,
  signal: AbortSignal,
) => Promise<RegistryCredential | null>;

export interface CredentialSources {
  /** By registry; they win. */
  readonly explicit: Readonly<Record<string, RegistryCredential>>;
  /** Docker's own config.json, read anew at each question so that `docker login` counts at once; null for none. */
  readonly configFile: string | null;
}

/** Explicit credentials first, then what `docker login` left: in the file, or with a helper that the file names. */
export function createCredentialProvider({ explicit, configFile }: CredentialSources): CredentialProvider {
  const byRegistry = new Map(
    Object.entries(explicit).map(([registry, credential]) => [canonicalRegistry(registry), credential]),
  );
  return async (registry, signal) => {
    const wanted = canonicalRegistry(registry);
    const found = byRegistry.get(wanted);
    if (found !== undefined || configFile === null) return found ?? null;
    return readDockerConfig(await readRecord(configFile), wanted, signal);
  };
}

/** How a call to a registry introduces itself. */
export interface RegistryAuth {
  /** What goes into the engine's `X-Registry-Auth` header. */
  readonly header: object;
  /** Why no credential could be had, although one was configured. */
  readonly failure: SyncError | null;
}

/** A helper that cannot be asked is no reason to refuse a public image: that comes up when the registry says no. */
export async function readAuth(
  credentials: CredentialProvider,
  registry: string,
  signal: AbortSignal,
): Promise<RegistryAuth> {
  try {
    return { header: writeHeader(registry, await credentials(registry, signal)), failure: null };
  } catch (error) {
    if (!isSyncError(error, 'RegistryUnauthorized')) throw error;
    return { header: {}, failure: error };
  }
}

/** The error to show: a registry's refusal stands for the reason that there was no credential. */
export function withCredentialFailure(error: unknown, { failure }: RegistryAuth): unknown {
  const isRefusal = isSyncError(error, 'RegistryUnauthorized') || isSyncError(error, 'ImageNotFound');
  return failure !== null && isRefusal ? failure : error;
}

/** The one place that reveals a registry's secret. */
function writeHeader(registry: string, credential: RegistryCredential | null): object {
  if (credential === null) return {};
  const serveraddress = addressOf(registry);
  switch (credential.kind) {
    case 'password':
      return { username: credential.username, password: credential.password.reveal(), serveraddress };
    case 'token':
      return { identitytoken: credential.token.reveal(), serveraddress };
    default:
      return credential satisfies never;
  }
}

async function readDockerConfig(
  config: JsonRecord,
  registry: string,
  signal: AbortSignal,
): Promise<RegistryCredential | null> {
  const helpers = entryOf(config['credHelpers'], registry);
  const helper = typeof helpers === 'string' ? helpers : config['credsStore'];
  if (typeof helper === 'string' && helper !== '') {
    const answer = await askCredentialHelper(helper, addressOf(registry), signal);
    if (answer !== null) return answer;
  }
  return readAuthEntry(entryOf(config['auths'], registry));
}

/** `auth` is `user:password` in base64; an identity token stands beside it. */
function readAuthEntry(entry: Json | undefined): RegistryCredential | null {
  if (!isJsonRecord(entry)) return null;
  const { auth, identitytoken: token } = entry;
  if (typeof token === 'string' && token !== '') return { kind: 'token', token: new Secret(token) };
  const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString() : '';
  const colon = text.indexOf(':');
  if (colon <= 0) return null;
  const password = new Secret(text.slice(colon + 1).replace(/\0+$/, ''));
  return { kind: 'password', username: text.slice(0, colon), password };
}

/** The file's keys are host names, or addresses with a scheme and a path. */
function entryOf(entries: Json | undefined, registry: string): Json | undefined {
  if (!isJsonRecord(entries)) return undefined;
  const key = Object.keys(entries).find((candidate) => canonicalRegistry(candidate) === registry);
  return key === undefined ? undefined : entries[key];
}

/** Docker Hub goes by four names. */
function canonicalRegistry(registry: string): string {
  const host = registry
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host)
    ? 'docker.io'
    : host;
}

function addressOf(registry: string): string {
  const host = canonicalRegistry(registry);
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}

/** A file that is not there, or not JSON, holds no credentials; the registry will say that it wants some. */
async function readRecord(path: string): Promise<JsonRecord> {
  try {
    const value: Json = JSON.parse(await readFile(path, 'utf8'));
    return isJsonRecord(value) ? value : {};
  } catch {
    return {};
  }
}
