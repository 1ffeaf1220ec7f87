import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsMaterial } from './docker/connection.ts';
import { readTls } from './engine-tls.ts';
import { SyncError } from './model/error.ts';
import { isJsonRecord, type Json } from './model/json.ts';

export interface DockerContext {
  readonly name: string;
  readonly host: string;
  readonly tls: TlsMaterial | null;
}

/**
 * The context that `docker context use` or DOCKER_CONTEXT selected, or null for the default one. Docker keeps each in a
 * folder that is named by the digest of the context's name (docker/cli, `cli/context/store`).
 */
export async function readDockerContext(environment: NodeJS.ProcessEnv): Promise<DockerContext | null> {
  const folder = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? '', '.docker');
  const name = environment['DOCKER_CONTEXT'] ?? (await currentContext(folder));
  if (name === '' || name === 'default') return null;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'));
  const host = textAt(meta, ['Endpoints', 'docker', 'Host']);
  if (host === '') {
    throw new SyncError(
      'ConfigInvalid',
      `The Docker context "${name}" does not exist or names no engine; \`docker context ls\` shows those that do.`,
    );
  }
  const certificates = join(folder, 'contexts', 'tls', id, 'docker');
  return { name, host, tls: existsSync(certificates) ? await readTls(certificates) : null };
}

async function currentContext(folder: string): Promise<string> {
  return textAt(await readJson(join(folder, 'config.json')), ['currentContext']);
}

/** Null where there is no such file, or nothing that can be read as JSON. */
async function readJson(path: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Json;
  } catch {
    return null;
  }
}

function textAt(value: Json, path: readonly string[]): string {
  let current: Json | undefined = value;
  for (const key of path) current = isJsonRecord(current) ? current[key] : undefined;
  return typeof current === 'string' ? current : '';
}
