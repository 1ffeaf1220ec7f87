import type { DockerEngine } from '../../reconciler/docker/engine.ts';
import { connectWorld } from '../../reconciler/main.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Notice } from '../../reconciler/model/notice.ts';
import { readSettings } from '../../reconciler/settings.ts';
import { accessStore } from '../../reconciler/store-access.ts';
import type { World } from '../../reconciler/sync/world.ts';

export interface TestWorldOptions {
  readonly installation: string;
  readonly socketPath: string;
  readonly repository: string;
  readonly stateDirectory: string;
  /** What the one source is called. */
  readonly source: string;
  /** The operator's file, or null for none. */
  readonly configFile: string | null;
  readonly notify: (notice: Notice) => void;
}

export interface TestWorld {
  readonly world: World;
  /** How many calls the engine has had from us so far, by name. */
  readonly calls: DockerEngine['calls'];
  close(): Promise<void>;
}

const pollMs = 250;

/** A world as the daemon connects it, with the private database of the state directory, and one source. */
export async function connectTestWorld(options: TestWorldOptions): Promise<TestWorld> {
  const { installation, socketPath, repository, stateDirectory, configFile, notify } = options;
  const settings = await readSettings({
    configFile,
    environment: { PATH: process.env['PATH'], HOME: stateDirectory },
    directory: stateDirectory,
    overrides: {
      installation: name(installation),
      stateDirectory,
      sources: [
        {
          name: name(options.source),
          repository,
          ref: 'refs/heads/main',
          path: '',
          intervalMs: pollMs,
          credentials: null,
        },
      ],
    },
  });
  const access = await accessStore(settings, { isShared: false, onFailure: () => undefined });
  try {
    const connected = await connectWorld(settings, {
      engine: { kind: 'socket', path: socketPath },
      store: access.store,
      notifier: { notify },
      onBug: raise,
    });
    await access.store.followSources(settings.sources.map((source) => source.name));
    return {
      world: connected.world,
      calls: () => (connected.world.engine as DockerEngine).calls(),
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

/** Ends the test run: work threw something that nobody foresaw. */
function raise(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
