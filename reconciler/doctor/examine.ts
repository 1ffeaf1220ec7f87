import type { SettingsReading, Settings } from '../settings.ts';
import type { Checkup } from './checkup.ts';
import { checkClock, readServerClock, type ClockReading } from './clock.ts';
import { checkConfig } from './config.ts';
import { checkDisk } from './disk.ts';
import { checkEngine, type EngineCheckup } from './engine.ts';
import { checkQueue } from './queue.ts';
import { checkSources } from './source.ts';
import { checkStore } from './store.ts';

/** Everything that must be right for a sync to succeed, each with what to do. Changes nothing. */
export async function examine(reading: SettingsReading, signal: AbortSignal): Promise<readonly Checkup[]> {
  const { settings } = reading;
  if (settings === null) return checkConfig(reading);
  const [engine, sources, store, queue] = await Promise.all([
    checkEngine({ ...settings, signal }),
    checkSources(settings, signal),
    checkStore(settings),
    checkQueue(settings),
  ]);
  const disks = await checkDisks(settings, engine);
  const clock = checkClock(await readClocks(settings, engine, signal));
  return [...checkConfig(reading), ...engine.checkups, ...sources, store, ...queue, ...disks, clock];
}

async function checkDisks(settings: Settings, { dataDirectory }: EngineCheckup): Promise<readonly Checkup[]> {
  const state = checkDisk({
    path: settings.stateDirectory,
    what: 'the state directory',
    remedy: 'Free space on that disk, or set `state_directory` to another.',
  });
  if (dataDirectory === null) return [await state];
  const engine = checkDisk({
    path: dataDirectory,
    what: "the engine's images and volumes",
    remedy: '`docker system df` shows what takes the space, `docker image prune` frees some of it.',
  });
  return Promise.all([state, engine]);
}

/** The engine's, and those of the servers that the sources lie on. */
async function readClocks(
  { sources }: Settings,
  { clockOffsetMs }: EngineCheckup,
  signal: AbortSignal,
): Promise<readonly ClockReading[]> {
  const engine = clockOffsetMs === null ? [] : [{ against: 'the engine', offsetMs: clockOffsetMs }];
  const urls = sources.map(({ repository }) => repository).filter((url) => /^https?:/.test(url));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
  const servers = await Promise.all(urls.map((url) => readServerClock(new URL('/', url).href, deadline)));
  return [...engine, ...servers.filter((reading) => reading !== null)];
}
