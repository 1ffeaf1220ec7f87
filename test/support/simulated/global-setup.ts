import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeTestDirectory } from '../leftovers.js';
import { startSimulatedEngine } from './engine.ts';
import { publishSimulatedImages } from './test-images.ts';

/** For the tests that hold the simulated engine to the real one: the same files, on this engine instead. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = makeTestDirectory();
  const engine = await startSimulatedEngine({ socketPath: join(directory, 'engine.sock') });
  const registryAddress = 'registry.test:5000';
  project.provide('engine', { socketPath: engine.socketPath, version: 'simulated', isSimulated: true });
  project.provide('registryAddress', registryAddress);
  project.provide('images', publishSimulatedImages(engine.host, registryAddress));
  return async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  };
}
