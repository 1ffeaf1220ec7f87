import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Notice } from '../../reconciler/model/notice.ts';
import { sweep } from '../../reconciler/sync/drift.ts';
import type { World } from '../../reconciler/sync/world.ts';
import { lookAtSources, runDue } from '../support/loops.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { connectTestWorld } from '../support/test-world.ts';
import { createWorkTree, type WorkTree } from './repository.ts';

/** A Plimsoll inside this process, with a repository of its own. */
export interface Resident {
  readonly world: World;
  /** Of the engine, so far, by name. */
  readonly calls: () => Readonly<Record<string, number>>;
  /** All of them. */
  readonly callCount: () => number;
  readonly repository: WorkTree;
  readonly installation: string;
  /** Reads the newest commit and brings what runs to its line; throws when it could not. */
  follow(): Promise<void>;
  /** Hears of everything that happens from now on. Returns the way to stop. */
  listen(listener: (notice: Notice) => void): () => void;
  /** One look at everything. */
  pass(): Promise<void>;
  /** Ends it and leaves what runs; the answer is an operator's file with which another process can go on. */
  leave(): Promise<string>;
  /** Removes its containers and networks from the engine, whatever it thinks of that, and leaves. */
  end(): Promise<void>;
}

export interface ResidentOptions {
  readonly socketPath: string;
  readonly directory: string;
  readonly installation: string;
}

export async function createResident(options: ResidentOptions): Promise<Resident> {
  const { directory, installation, socketPath } = options;
  const repository = createWorkTree(join(directory, 'repository'));
  repository.commit({});
  const notices: Notice[] = [];
  const listeners = new Set<(notice: Notice) => void>();
  const connected = await connectTestWorld({
    installation,
    socketPath,
    repository: repository.path,
    stateDirectory: join(directory, 'state'),
    source: 'bench',
    configFile: null,
    notify(notice) {
      notices.push(notice);
      for (const listener of listeners) listener(notice);
    },
  });
  const { world } = connected;
  // The daemon's own ear: without it nothing may be remembered from one look to the next.
  const listening = new AbortController();
  const watching = world.engines.get(world.engines.byDefault).watch(() => undefined, listening.signal);
  const disconnect = async (): Promise<void> => {
    listening.abort();
    await watching;
    await connected.close();
  };
  let isConnected = true;
  return {
    world,
    calls: connected.calls,
    callCount: () => Object.values(connected.calls()).reduce((sum, count) => sum + count, 0),
    repository,
    installation,
    async follow() {
      notices.length = 0;
      await lookAtSources(world);
      await runDue(world);
      assertSynced(notices);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pass: () => sweep(world, new AbortController().signal),
    async leave() {
      isConnected = false;
      await disconnect();
      const config = join(directory, 'plimsoll.yaml');
      const source = { name: 'bench', repository: repository.path, interval: '1h' };
      const engine = { host: `unix://${socketPath}` };
      const stateDirectory = join(directory, 'state');
      writeFileSync(
        config,
        JSON.stringify({ installation, engine, state_directory: stateDirectory, sources: [source] }),
      );
      return config;
    },
    async end() {
      if (isConnected) await disconnect();
      await removeInstallation(new Docker({ socketPath }), installation);
    },
  };
}

/** A measurement of something that failed would be a good one. */
function assertSynced(notices: readonly Notice[]): void {
  for (const notice of notices) {
    if (notice.kind === 'sourceProblems') throw new Error(JSON.stringify(notice.problems));
    if (notice.kind === 'sourceFailed' || notice.kind === 'trouble') throw new Error(notice.message);
    if (notice.kind !== 'syncFinished') continue;
    const isGood = notice.outcome === 'succeeded' || notice.outcome === 'unchanged';
    if (!isGood) throw new Error(`${notice.stack} ended as ${notice.outcome}: ${notice.summary}`);
  }
}
