import type { IncomingMessage } from 'node:http';
import { SyncError } from '../model/error.ts';
import type { StepResult } from '../model/event.ts';
import type { ObservedImage } from '../model/observed.ts';
import { followsTag } from '../model/desired.ts';
import type { Operation } from '../model/plan.ts';
import { onAbort } from './abort.ts';
import { readAuth, withCredentialFailure, type CredentialProvider } from './auth.ts';
import type { Connection } from './connection.ts';
import { streamFailure, toSyncError, type Attempt } from './errors.ts';
import { readLines } from './event-stream.ts';
import type { ImageCache } from './image-cache.ts';
import { parseReference } from './image.ts';
import type { RegistryReader } from './registry.ts';
import { openPull } from './resource-calls.ts';
import type { PullEvent } from './wire.ts';

export interface Puller {
  readonly connection: Connection;
  readonly credentials: CredentialProvider;
  readonly images: ImageCache;
  readonly registry: RegistryReader;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

type PullImage = Extract<Operation, { readonly kind: 'pullImage' }>;

/** A pull that says nothing for so long is given up. A slow one goes on talking. */
const silenceDeadlineMs = 120_000;
const progressEveryMs = 1_000;

/** Brings an image onto the engine as its policy says, and tells by which digest it is known there. */
export async function pullImage(operation: PullImage, puller: Puller): Promise<StepResult> {
  const { image, policy, platform } = operation;
  // It was absent when the plan was made; somebody may have brought it since, and the event may still be on its way.
  puller.images.clear();
  const present = followsTag(policy) ? null : await readPresent(image, puller);
  if (present !== null && (policy === 'never' || isForPlatform(present, platform))) {
    return digestResult(image, present);
  }
  if (policy === 'never') {
    throw new SyncError(
      'ImageNotFound',
      `The engine has no image ${image}, and its pull_policy is never. Load it there, or allow pulling it.`,
      { data: { image } },
    );
  }
  const digest = await pull(operation, puller);
  puller.images.clear();
  puller.registry.forget(image);
  if (digest !== '') return { digest: `${parseReference(image).repository}@${digest}` };
  const pulled = await readPresent(image, puller);
  return pulled === null ? {} : digestResult(image, pulled);
}

async function pull({ image, platform }: PullImage, puller: Puller): Promise<string> {
  const { registry, repository, tag } = parseReference(image);
  const auth = await readAuth(puller.credentials, registry, puller.signal);
  const attempt = { call: 'imagePull', action: `pull image ${image}`, thing: 'image' } as const;
  const patience = createPatience(puller.signal);
  try {
    const options = { repository, tag, platform, auth: auth.header, signal: patience.signal };
    const stream = await openPull(puller.connection, image, options);
    return await followPull(stream, { attempt, progress: puller.progress, heard: patience.heard });
  } catch (error) {
    const translated = toSyncError(error, { ...attempt, ...patience.state() });
    throw withCredentialFailure(translated, auth);
  } finally {
    patience.end();
  }
}

interface Follower {
  readonly attempt: Attempt;
  readonly progress: (message: string) => void;
  readonly heard: () => void;
}

/** Returns the digest, or `''`. The stream ends well even when the pull fails: each line may hold the error. */
async function followPull(stream: IncomingMessage, { attempt, progress, heard }: Follower): Promise<string> {
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  let digest = '';
  let saidAt = 0;
  for await (const line of readLines(stream)) {
    heard();
    const event: PullEvent = JSON.parse(line);
    const failure = event.errorDetail?.message ?? event.error ?? '';
    if (failure !== '') throw streamFailure(failure, attempt);
    digest = /^Digest: (sha256:[0-9a-f]{64})$/.exec(event.status ?? '')?.[1] ?? digest;
    noteLayer(layers, event);
    if (layers.size > 0 && Date.now() - saidAt >= progressEveryMs) {
      saidAt = Date.now();
      progress(formatProgress([...layers.values()]));
    }
  }
  return digest;
}

function noteLayer(
  layers: Map<string, { readonly current: number; readonly total: number }>,
  { id, status, progressDetail }: PullEvent,
): void {
  const known = layers.get(id ?? '');
  const total = progressDetail?.total ?? 0;
  if (id && status === 'Downloading' && total > 0) {
    layers.set(id, { current: progressDetail?.current ?? 0, total });
  }
  if (id && status === 'Download complete' && known) layers.set(id, { ...known, current: known.total });
}

function formatProgress(layers: readonly { readonly current: number; readonly total: number }[]): string {
  const current = layers.reduce((sum, layer) => sum + layer.current, 0);
  const total = layers.reduce((sum, layer) => sum + layer.total, 0);
  return `${formatMegabytes(current)} of ${formatMegabytes(total)} MB`;
}

function formatMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

async function readPresent(image: string, { images, signal }: Puller): Promise<ObservedImage | null> {
  return (await images.read([image], signal))[image] ?? null;
}

function isForPlatform({ config }: ObservedImage, platform: string | null): boolean {
  return platform === null || config.platform === platform || config.platform.startsWith(`${platform}/`);
}

function digestResult(image: string, { repoDigests }: ObservedImage): StepResult {
  const { repository } = parseReference(image);
  const digest = repoDigests.find((candidate) => candidate.startsWith(`${repository}@`)) ?? repoDigests[0];
  return digest === undefined ? {} : { digest };
}

/** The caller's signal, and one that aborts when nothing was heard for too long. */
function createPatience(signal: AbortSignal) {
  const controller = new AbortController();
  let isExpired = false;
  let timer: NodeJS.Timeout;
  const cancel = (): void => controller.abort();
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isExpired = true;
      cancel();
    }, silenceDeadlineMs);
  };
  heard();
  if (signal.aborted) cancel();
  const forget = onAbort(signal, cancel);
  return {
    signal: controller.signal,
    heard,
    state: () => ({ isExpired, isCancelled: signal.aborted }),
    end(): void {
      clearTimeout(timer);
      forget();
    },
  };
}
