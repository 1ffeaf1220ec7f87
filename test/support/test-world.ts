import type { DockerEngine } from '../../reconciler/docker/engine.ts';
import { placesOfEngines } from '../../reconciler/engines-access.ts';
import { connectWorld } from '../../reconciler/main.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Notice } from '../../reconciler/model/notice.ts';
import { readSettings } from '../../reconciler/settings.ts';
import { accessStore } from '../../reconciler/store-access.ts';
import type { World } from '../../reconciler/sync/world.ts';

export interface TestWorldOptions {
  readonly installation: string;
  /** The engine's; null where the operator's file names the engines. */
  readonly socketPath: string | null;
  readonly repository: string;
  readonly stateDirectory: string;
  /** What the one source is called. */
  readonly source: string;
  /** The operator's file, or null for none. */
  readonly configFile: string | null;
  /** Variables that the operator's file refers to. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly notify: (notice: Notice) => void;
}

export interface TestWorld {
  readonly world: World;
  /** How many calls all engines have had from us so far, by name. */
  readonly calls: DockerEngine['calls'];
  close(): Promise<void>;
}

const pollMs = 250;

/** A world as the daemon connects it, with the private database of the state directory, and one source. */
export async function connectTestWorld(options: TestWorldOptions): Promise<TestWorld> {
  const { installation, socketPath, repository, stateDirectory, configFile, environment, notify } = options;
  const settings = await readSettings({
    configFile,
    environment: { PATH: process.env['PATH'], HOME: stateDirectory, ...environment },
    directory: stateDirectory,
    overrides: {
      installation: name(installation),
      stateDirectory,
      ...(socketPath !== null && { engineHost: `unix://${socketPath}` }),
      sources: [
        {
          name: name(options.source),
          repository,
          ref: 'refs/heads/main',
          path: '',
          intervalMs: pollMs,
          engines: null,
          credentials: null,
        },
      ],
    },
  });
  const places = await placesOfEngines(settings);
  const access = await accessStore(settings, { isShared: false, onFailure: () => undefined });
  try {
    const connected = await connectWorld(settings, {
      engines: places.map(({ name: engine, candidate: { host, address } }) => ({
        name: engine,
        host,
        address,
      })),
      store: access.store,
      notifier: { notify },
      onBug: raise,
      isDaemon: true,
    });
    await access.store.followSources(settings.sources.map((source) => source.name));
    return {
      world: connected.world,
      calls: () => callsOf(connected.world),
      async close() {
        await connected.close();
        await access.close();
      },
    };
  } catch (error) {
    await access.close();
    throw error;
  }
}

function callsOf({ engines }: World): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const engine of engines.names) {
    const calls = (engines.get(engine) as DockerEngine).calls();
    for (const [call, count] of Object.entries(calls)) total[call] = (total[call] ?? 0) + count;
  }
  return total;
}

/** Ends the test run: work threw something that nobody foresaw. */
function raise(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
