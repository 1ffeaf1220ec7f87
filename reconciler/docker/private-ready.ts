import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../model/error.ts';
import type { Place } from './private-place.ts';
import { findProcess } from './private-process.ts';

export interface WaitOptions {
  readonly processId: number;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

/** Resolves to the engine's version once it answers; throws with the end of its log when it ends or never does. */
export async function waitForVersion(place: Place, options: WaitOptions): Promise<string> {
  const { processId, signal, deadlineMs = 60_000 } = options;
  const until = performance.now() + deadlineMs;
  while (performance.now() < until) {
    signal?.throwIfAborted();
    const version = await askVersion(place.socketPath);
    if (version !== undefined) return version;
    if (findProcess(place.config) !== processId) break;
    await sleep(25);
  }
  const message = `The private Docker engine did not start. The end of ${place.log}:\n${await lastLines(place.log)}`;
  throw new SyncError('EngineUnreachable', message, { data: { log: place.log } });
}

const reloadWithinMs = 3_000;

/** Resolves once the engine takes its containers along at its end; a frozen one is not waited for. */
export async function waitForReload(place: Place): Promise<void> {
  const until = performance.now() + reloadWithinMs;
  while (performance.now() < until) {
    const info = await ask<{ readonly LiveRestoreEnabled?: boolean }>(place.socketPath, '/info');
    if (info === undefined || info.LiveRestoreEnabled === false) return;
    await sleep(25);
  }
}

/** The engine's version, or nothing while it does not answer. */
async function askVersion(socketPath: string): Promise<string | undefined> {
  return (await ask<{ readonly Version?: string }>(socketPath, '/version'))?.Version;
}

/** A frozen engine accepts and never answers. */
async function ask<Answer>(socketPath: string, path: string): Promise<Answer | undefined> {
  try {
    const asked = get({ socketPath, path, signal: AbortSignal.timeout(2_000) });
    const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    return (await json(response)) as Answer;
  } catch {
    return undefined;
  }
}

async function lastLines(path: string): Promise<string> {
  const log = await readFile(path, 'utf8').catch(() => '');
  return log.trim().split('\n').slice(-8).join('\n');
}
