import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsMaterial } from './docker/connection.ts';
import { SyncError } from './model/error.ts';

/** The three files that Docker keeps in a folder of certificates. */
export async function readTls(folder: string): Promise<TlsMaterial> {
  try {
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')]);
    return { ca, cert, key };
  } catch (cause) {
    throw new SyncError(
      'ConfigInvalid',
      `The engine's certificates ca.pem, cert.pem and key.pem could not be read from ${folder}.`,
      { cause },
    );
  }
}
