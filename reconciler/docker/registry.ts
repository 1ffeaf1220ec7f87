import { isSyncError } from '../model/error.ts';
import type { ObservedImage, RegistryDigest } from '../model/observed.ts';
import type { FreshImage } from '../model/ports.ts';
import { readAuth, withCredentialFailure, type CredentialProvider } from './auth.ts';
import type { Connection } from './connection.ts';
import { parseReference } from './image.ts';
import { mapLimited } from './pool.ts';
import { inspectDistribution } from './resource-calls.ts';

/** What registries have now. They are asked through the engine, which knows their mirrors and certificates. */
export interface RegistryReader {
  /**
   * By reference, of those that were ever asked for. A registry that does not answer leaves `unknown`, which proves
   * nothing. `images` is what the engine has: one that was named a moment ago is fresh.
   */
  readDigests(
    wanted: readonly FreshImage[],
    options: { readonly images: Images; readonly signal: AbortSignal },
  ): Promise<Readonly<Record<string, RegistryDigest>>>;
  /** The engine has asked the registry meanwhile. */
  forget(reference: string): void;
}

type Images = Readonly<Record<string, ObservedImage | null>>;

interface Answer {
  readonly digest: RegistryDigest;
  readonly at: number;
}

const questionsAtOnce = 8;
/** A registry that was away may be back. */
const longestSilenceMs = 60_000;

export function createRegistryReader(
  connection: Connection,
  credentials: CredentialProvider,
): RegistryReader {
  const answers = new Map<string, Answer>();
  return {
    async readDigests(wanted, { images, signal }) {
      const now = Date.now();
      const ages = youngest(wanted);
      const due = [...ages.keys()].filter((reference) => {
        const known = { answer: answers.get(reference), image: images[reference] ?? null };
        return isDue(known, { maxAgeMs: ages.get(reference) ?? 0, now });
      });
      const digests = await mapLimited(due.sort(), questionsAtOnce, (reference) =>
        readDigest(reference, signal),
      );
      due.forEach((reference, index) =>
        answers.set(reference, { digest: digests[index] ?? unasked, at: now }),
      );
      const known = [...ages.keys()].sort().flatMap((reference) => {
        const answer = answers.get(reference);
        return answer === undefined ? [] : [[reference, answer.digest] as const];
      });
      return Object.fromEntries(known);
    },
    forget: (reference) => void answers.delete(reference),
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

/** Of several who want one image, the most curious counts. */
function youngest(wanted: readonly FreshImage[]): ReadonlyMap<string, number> {
  const ages = new Map<string, number>();
  for (const { reference, maxAgeMs } of wanted) {
    ages.set(reference, Math.min(maxAgeMs, ages.get(reference) ?? maxAgeMs));
  }
  return ages;
}

interface Known {
  readonly answer: Answer | undefined;
  readonly image: ObservedImage | null;
}

/** Compose's rule: the last pull counts, and here so does the last answer. */
function isDue({ answer, image }: Known, { maxAgeMs, now }: { maxAgeMs: number; now: number }): boolean {
  if (answer?.digest.kind === 'unknown') return now - answer.at >= Math.min(maxAgeMs, longestSilenceMs);
  const freshAt = Math.max(answer?.at ?? 0, image?.taggedAt ?? 0);
  return now - freshAt >= maxAgeMs;
}

const unasked: RegistryDigest = { kind: 'unknown', reason: 'The registry named no digest.' };
