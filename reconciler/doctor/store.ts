import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { isSyncError } from '../model/error.ts';
import type { Settings } from '../settings.ts';
import { accessStore } from '../store-access.ts';
import { hasEmbeddedStore } from '../store/embedded.ts';
import { count } from '../terminal/text.ts';
import { ok, type Checkup } from './checkup.ts';
import { nearestExisting } from './disk.ts';

/** Whether history and state can be kept. Opens a store that is there; makes none. */
export async function checkStore(settings: Settings): Promise<Checkup> {
  const { databaseUrl, stateDirectory } = settings;
  if (databaseUrl === null && !hasEmbeddedStore(stateDirectory)) return checkPlace(stateDirectory);
  const where =
    databaseUrl === null ? `in ${stateDirectory}` : 'on the server that PLIMSOLL_DATABASE_URL names';
  try {
    const opened = await accessStore(settings, { isShared: true });
    try {
      const stacks = await opened.store.statuses();
      return ok('store', `The database ${where} answers and knows ${count(stacks.length, 'stack')}.`);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!isSyncError(error)) throw error;
    return { part: 'store', level: 'fail', message: error.message, remedy: '' };
  }
}

async function checkPlace(stateDirectory: string): Promise<Checkup> {
  const existing = nearestExisting(stateDirectory);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
    return ok('store', `There is none yet; the first run makes one in ${stateDirectory}.`);
  } catch {
    const message = `There is none yet, and ${existing} is not writable, so the first run cannot make one in ${stateDirectory}.`;
    const remedy = 'Make it writable for this account, or set `state_directory`.';
    return { part: 'store', level: 'fail', message, remedy };
  }
}
