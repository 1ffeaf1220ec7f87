import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { makeTestDirectory } from '../support/leftovers.js';
import { findCompose, type Compose } from './compose.ts';
import { createRawEngine, type RawEngine } from './raw-engine.ts';
import { createResident, type Resident } from './resident.ts';

/** What every measurement shares: one engine of its own, and what it is held against. */
export interface Bench {
  readonly engine: TestEngine;
  readonly raw: RawEngine;
  /** The engine as one listens to it. */
  readonly watched: { readonly socketPath: string; readonly engine: RawEngine };
  readonly compose: Compose | null;
  /** Serves a page on port 80, and ends at once when asked to. */
  readonly image: string;
  readonly say: (line: string) => void;
  /** A directory of its own for a part of the run. */
  directory(name: string): string;
  resident(name: string): Promise<Resident>;
  close(): Promise<void>;
}

export async function openBench(say: (line: string) => void): Promise<Bench> {
  const root = makeTestDirectory();
  const engine = await startTestEngine(join(root, 'engine'));
  const image = 'bench/web:1';
  await makeStandInImage(engine.docker, image, { say });
  const { socketPath } = engine;
  const raw = createRawEngine(socketPath);
  const directory = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  return {
    engine,
    raw,
    watched: { socketPath, engine: raw },
    image,
    say,
    directory,
    compose: findCompose({ socketPath, say, directory: directory('compose') }),
    resident: (name) => createResident({ socketPath, installation: name, directory: directory(name) }),
    async close() {
      raw.close();
      await engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
