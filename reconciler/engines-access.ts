import { findEngine, obtainEngine, type EngineAccess } from './engine-access.ts';
import { engineCandidates, type EngineCandidate, type EngineWish } from './engine-address.ts';
import type { EngineConfig } from './manifest/config-engines.ts';
import { isSyncError } from './model/error.ts';
import type { Name } from './model/ids.ts';
import type { Settings } from './settings.ts';

/** Where an engine of the operator's file is. */
export interface NamedCandidate {
  readonly name: Name;
  readonly candidate: EngineCandidate;
}

export interface NamedAccess extends NamedCandidate {
  readonly access: EngineAccess;
}

/**
 * A way to every engine, for a daemon. The only one must answer; of several each may be away, since that concerns
 * nobody but its own stacks. This machine's engine is started where there is none, as far as that is possible.
 */
export async function obtainEngines(
  settings: Settings,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly NamedAccess[]> {
  const { engines } = settings;
  // A mistake in an address comes before anything is started.
  await placesOfEngines(settings);
  const access = async (engine: EngineConfig): Promise<NamedAccess> => {
    const search = { ...wishFor(engine, settings), signal };
    const obtain = (): Promise<EngineAccess> => obtainEngine(search, say);
    const found =
      engines.length === 1
        ? await obtain()
        : await orAway(engine, search, {
            obtain,
            say: (message) => say(`The engine ${engine.name} is away for now. ${message}`),
          });
    return { name: engine.name, candidate: found.candidate, access: found };
  };
  return Promise.all(engines.map(access));
}

/** The same for a single command, which starts none. */
export async function findEngines(
  settings: Settings,
  signal: AbortSignal,
): Promise<readonly NamedCandidate[]> {
  const { engines } = settings;
  const find = async (engine: EngineConfig): Promise<NamedCandidate> => {
    const search = { ...wishFor(engine, settings), signal };
    const obtain = async (): Promise<EngineAccess> => ({ candidate: await findEngine(search), own: null });
    const { candidate } =
      engines.length === 1 ? await obtain() : await orAway(engine, search, { obtain, say: () => undefined });
    return { name: engine.name, candidate };
  };
  return Promise.all(engines.map(find));
}

/** Where each would be, without asking. */
export async function placesOfEngines(settings: Settings): Promise<readonly NamedCandidate[]> {
  return Promise.all(
    settings.engines.map(async (engine) => ({
      name: engine.name,
      candidate: await placeOf(wishFor(engine, settings)),
    })),
  );
}

type Wish = EngineWish & Pick<Settings, 'stateDirectory'>;

function wishFor(engine: EngineConfig, { environment, stateDirectory }: Settings): Wish {
  return { engine, environment, stateDirectory };
}

interface Attempt {
  readonly obtain: () => Promise<EngineAccess>;
  readonly say: (message: string) => void;
}

/** One among several that has an address is not asked at all now: whoever needs it will see. */
async function orAway(engine: EngineConfig, wish: Wish, { obtain, say }: Attempt): Promise<EngineAccess> {
  if (engine.host === null) {
    try {
      return await obtain();
    } catch (error) {
      if (!isSyncError(error, 'EngineUnreachable')) throw error;
      say(error.message);
    }
  }
  return { candidate: await placeOf(wish), own: null };
}

async function placeOf(wish: Wish): Promise<EngineCandidate> {
  const [place] = await engineCandidates(wish);
  if (place === undefined) throw new TypeError('there is always a place to look for an engine');
  return place;
}
