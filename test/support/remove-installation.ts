import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';

/** Takes everything that carries the label of an installation off an engine, with its volumes. */
export async function removeInstallation(docker: Docker, installation: string): Promise<void> {
  const filters = JSON.stringify({ label: [`dev.plimsoll.installation=${installation}`] });
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  for (const { Id } of await docker.listNetworks({ filters })) await removeNetwork(docker, Id);
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes) await docker.getVolume(Name).remove();
}

const mostTries = 30;

/**
 * Just after its last container has gone, an engine may still say that a network has active endpoints, and engine 20.10
 * under load now and then for ever. Then it stays: the engine of a run ends with the run.
 */
async function removeNetwork(docker: Docker, id: string): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    try {
      await docker.getNetwork(id).remove();
      return;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('active endpoints')) throw error;
      await setTimeout(100);
    }
  }
}
