import { rm } from 'node:fs/promises';
import Docker from 'dockerode';
import {
  startPrivateEngine,
  type PrivateEngine,
  type PrivateEngineOptions,
} from '../../reconciler/docker/private.ts';

export interface TestEngine extends PrivateEngine {
  readonly docker: Docker;
  /** Ends the engine, its containers without their grace period, and removes its directory. */
  close(): Promise<void>;
}

/**
 * A private engine with its data in `directory`, of the version that the run is for. Starting one takes half a second,
 * so that a test file that wants the engine to itself takes one of its own.
 */
export async function startTestEngine(directory: string): Promise<TestEngine> {
  const engine = await startPrivateEngine({ stateDirectory: directory, ...engineUnderTest() });
  const docker = new Docker({ socketPath: engine.socketPath });
  return {
    ...engine,
    docker,
    async close() {
      await removeContainers(docker).catch(() => undefined);
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Which dockerd the run is for: the installed one, unless `npm run test:engines` names another. */
export function engineUnderTest(): Pick<PrivateEngineOptions, 'programs'> {
  const programs = process.env['PLIMSOLL_TEST_ENGINE'];
  return programs === undefined ? {} : { programs };
}

async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}
