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
  const [engines, sources, store, queue] = await Promise.all([
    checkEngines(settings, signal),
    checkSources(settings, signal),
    checkStore(settings),
    checkQueue(settings),
  ]);
  const disks = await checkDisks(settings, engines);
  const clock = checkClock(await readClocks(settings, engines, signal));
  const engineCheckups = engines.flatMap(({ checkups }) => checkups);
  return [...checkConfig(reading), ...engineCheckups, ...sources, store, ...queue, ...disks, clock];
}

function checkEngines(
  { engines, environment, stateDirectory }: Settings,
  signal: AbortSignal,
): Promise<readonly EngineCheckup[]> {
  const isOneOfSeveral = engines.length > 1;
  return Promise.all(
    engines.map((engine) => {
      const { name } = engine;
      return checkEngine({ name, isOneOfSeveral, engine, environment, stateDirectory, signal });
    }),
  );
}

async function checkDisks(
  settings: Settings,
  engines: readonly EngineCheckup[],
): Promise<readonly Checkup[]> {
  const state = checkDisk({
    path: settings.stateDirectory,
    what: 'the state directory',
    remedy: 'Free space on that disk, or set `state_directory` to another.',
  });
  const ofEngines = engines.flatMap(({ name, dataDirectory }) => {
    if (dataDirectory === null) return [];
    const whose = engines.length === 1 ? "the engine's" : `${name}'s`;
    const remedy = '`docker system df` shows what takes the space, `docker image prune` frees some of it.';
    return [checkDisk({ path: dataDirectory, what: `${whose} images and volumes`, remedy })];
  });
  return Promise.all([state, ...ofEngines]);
}

/** The engines', and those of the servers that the sources lie on. */
async function readClocks(
  { sources }: Settings,
  engines: readonly EngineCheckup[],
  signal: AbortSignal,
): Promise<readonly ClockReading[]> {
  const ofEngines = engines.flatMap(({ name, clockOffsetMs: offsetMs }) =>
    offsetMs === null
      ? []
      : [{ against: engines.length === 1 ? 'the engine' : `the engine ${name}`, offsetMs }],
  );
  const urls = sources.map(({ repository }) => repository).filter((url) => /^https?:/.test(url));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
  const servers = await Promise.all(urls.map((url) => readServerClock(new URL('/', url).href, deadline)));
  return [...ofEngines, ...servers.filter((reading) => reading !== null)];
}
