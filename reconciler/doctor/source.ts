import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl } from '../control/client.ts';
import type { SourceReport } from '../control/protocol.ts';
import { shortRevision } from '../model/ids.ts';
import { isSyncError } from '../model/error.ts';
import { connectSource } from '../main.ts';
import type { Settings } from '../settings.ts';
import { openPlace } from '../store/embedded/place.ts';
import { ok, type Checkup } from './checkup.ts';

/** One ref advertisement of each source. */
export async function checkSources(settings: Settings, signal: AbortSignal): Promise<readonly Checkup[]> {
  if (settings.sources.length === 0) return checkDaemonsSources(settings);
  return Promise.all(settings.sources.map((source) => checkSource(settings, source, signal)));
}

/** A daemon may follow what stands in no file here, as the one of `npm start` does. */
async function checkDaemonsSources({ stateDirectory }: Settings): Promise<readonly Checkup[]> {
  const followed = await askDaemonsSources(stateDirectory);
  if (followed.length > 0) return followed.map(describeFollowed);
  const message = 'Nothing is followed: no plimsoll.yaml here names a source.';
  const remedy = '`plimsoll init` writes a first one; --config names another.';
  return [{ part: 'source', level: 'warn', message, remedy }];
}

async function askDaemonsSources(stateDirectory: string): Promise<readonly SourceReport[]> {
  if (!existsSync(stateDirectory)) return [];
  const place = openPlace(stateDirectory);
  try {
    const daemon = await connectControl(join(place.short, 'control.sock'));
    return daemon === null ? [] : (await daemon.status()).sources;
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return [];
  } finally {
    place.close();
  }
}

function describeFollowed({ source, revision, error }: SourceReport): Checkup {
  const head = `${source}, which the running daemon follows,`;
  if (error !== null)
    return { part: 'source', level: 'fail', message: `${head} failed: ${error.message}`, remedy: '' };
  return ok('source', `${head} is at ${revision === null ? 'no commit yet' : shortRevision(revision)}.`);
}

async function checkSource(
  settings: Settings,
  config: Settings['sources'][number],
  signal: AbortSignal,
): Promise<Checkup> {
  try {
    const source = connectSource(settings, config);
    try {
      const revision = await source.poll(signal);
      return ok(
        'source',
        `${config.name} is at ${shortRevision(revision)} (${config.repository}, ${config.ref}).`,
      );
    } finally {
      await source.close();
    }
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    return { part: 'source', level: 'fail', message: `${config.name}: ${error.message}`, remedy: '' };
  }
}
