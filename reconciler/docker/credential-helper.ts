import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { SyncError } from '../model/error.ts';
import { isJsonRecord, type Json } from '../model/json.ts';
import { Secret } from '../model/secret.ts';
import type { RegistryCredential } from './auth.ts';

/** Only such a name may become part of a program's name. */
const helperName = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
const deadlineMs = 20_000;

/**
 * Asks `docker-credential-<name>` for a registry's credential: the address on its standard input, JSON on its standard
 * output. Null where it knows none. Throws RegistryUnauthorized where it cannot be asked.
 */
export async function askCredentialHelper(
  name: string,
  address: string,
  signal: AbortSignal,
): Promise<RegistryCredential | null> {
  if (!helperName.test(name)) throw unusable(name, 'its name is not one that Docker would run');
  const { code, output } = await runHelper(name, address, signal);
  if (code !== 0 && /credentials not found/i.test(output)) return null;
  if (code !== 0) throw unusable(name, `it ended with code ${code}`);
  const answer = parse(output);
  if (!isJsonRecord(answer)) throw unusable(name, 'its answer is not JSON');
  const { Username: username, Secret: secret } = answer;
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw unusable(name, 'its answer is incomplete');
  // Docker's own sign for a token.
  if (username === '<token>') return { kind: 'token', token: new Secret(secret) };
  return { kind: 'password', username, password: new Secret(secret) };
}

interface HelperAnswer {
  readonly code: number | null;
  readonly output: string;
}

async function runHelper(name: string, address: string, signal: AbortSignal): Promise<HelperAnswer> {
  const child = spawn(`docker-credential-${name}`, ['get'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: deadlineMs,
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  // A helper that ends without reading is told apart by its exit code.
  child.stdin.on('error', () => undefined).end(address);
  try {
    const [code, output] = await Promise.all([ended, text(child.stdout)]);
    return { code, output };
  } catch (cause) {
    if (signal.aborted)
      throw new SyncError('Cancelled', `Asking docker-credential-${name} was cancelled.`, { cause });
    throw unusable(name, 'it cannot be run', cause);
  }
}

function parse(output: string): Json {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}

function unusable(name: string, why: string, cause?: unknown): SyncError {
  return new SyncError(
    'RegistryUnauthorized',
    `The credential helper docker-credential-${name} gave no credentials: ${why}. Check Docker's config.json and the PATH.`,
    { data: { helper: name }, cause },
  );
}
