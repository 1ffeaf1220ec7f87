import { isSyncError } from '../model/error.ts';
import type { RegistryDigest } from '../model/observed.ts';
import { readAuth, withCredentialFailure, type CredentialProvider } from './auth.ts';
import type { Connection } from './connection.ts';
import { parseReference } from './image.ts';
import { mapLimited } from './pool.ts';
import { inspectDistribution } from './resource-calls.ts';

/** What registries have now. They are asked through the engine, which knows their mirrors and certificates. */
export interface RegistryReader {
  /** By reference. A registry that does not answer leaves `unknown`, which proves nothing. */
  readDigests(
    references: readonly string[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, RegistryDigest>>>;
}

const questionsAtOnce = 8;

export function createRegistryReader(
  connection: Connection,
  credentials: CredentialProvider,
): RegistryReader {
  return {
    async readDigests(references, signal) {
      const wanted = [...new Set(references)].sort();
      const digests = await mapLimited(wanted, questionsAtOnce, (reference) => readDigest(reference, signal));
      return Object.fromEntries(wanted.map((reference, index) => [reference, digests[index] ?? unasked]));
    },
  };

  async function readDigest(reference: string, signal: AbortSignal): Promise<RegistryDigest> {
    const { registry } = parseReference(reference);
    const auth = await readAuth(credentials, registry, signal);
    try {
      const { Descriptor } = await inspectDistribution(connection, reference, { auth: auth.header, signal });
      const digest = Descriptor?.digest ?? '';
      return digest === '' ? unasked : { kind: 'digest', digest };
    } catch (thrown) {
      const error = withCredentialFailure(thrown, auth);
      // Not the registry's silence but ours, or the engine's: that is no answer at all.
      if (!isSyncError(error) || error.code === 'Cancelled' || error.code === 'EngineUnreachable')
        throw error;
      return { kind: 'unknown', reason: error.message };
    }
  }
}

const unasked: RegistryDigest = { kind: 'unknown', reason: 'The registry named no digest.' };
