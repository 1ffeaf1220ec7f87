import { shortRevision } from '../model/ids.ts';
import { isSyncError } from '../model/error.ts';
import { connectSource } from '../main.ts';
import type { Settings } from '../settings.ts';
import { ok, type Checkup } from './checkup.ts';

/** One ref advertisement of each source. */
export async function checkSources(settings: Settings, signal: AbortSignal): Promise<readonly Checkup[]> {
  if (settings.sources.length === 0) {
    const message = 'Nothing is followed: no plimsoll.yaml here names a source.';
    const remedy = '`plimsoll init` writes a first one; --config names another.';
    return [{ part: 'source', level: 'warn', message, remedy }];
  }
  return Promise.all(settings.sources.map((source) => checkSource(settings, source, signal)));
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
