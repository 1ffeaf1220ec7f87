import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPrivateEngine } from '../../reconciler/docker/private.ts';
import { startTestEngine, type TestEngine } from './engine.ts';
import { publishTestImages, type TestImages } from './images.ts';
import { makeTestDirectory, sweepLeftovers } from './leftovers.js';
import { startRegistry, type Registry } from './registry.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The engine of the run; every engine test shares it unless it starts one of its own. */
    readonly engine: {
      readonly socketPath: string;
      readonly version: string;
      /** It keeps books and runs nothing: nobody answers on a port, writes a file or asks a registry. */
      readonly isSimulated: boolean;
    };
    /** Of the run's registry, without login. */
    readonly registryAddress: string;
    readonly images: TestImages;
  }
}

/** Starts one engine and one registry for the engine tests, says which, and ends both after the last test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepLeftovers(startPrivateEngine);
  const directory = makeTestDirectory();
  let engine: TestEngine | undefined;
  let registry: Registry | undefined;
  const teardown = async (): Promise<void> => {
    await engine?.close();
    await registry?.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    engine = await startTestEngine(join(directory, 'engine'));
    registry = await startRegistry({ directory: join(directory, 'registry') });
    const images = await publishTestImages(engine.docker, registry.address);
    const { socketPath, version } = engine;
    project.provide('engine', { socketPath, version, isSimulated: false });
    project.provide('registryAddress', registry.address);
    project.provide('images', images);
    console.log(`engine tests run on Docker ${version} at ${socketPath}, registry at ${registry.address}`);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}
