import type Docker from 'dockerode';

/** Takes everything that carries the label of an installation off an engine, with its volumes. */
export async function removeInstallation(docker: Docker, installation: string): Promise<void> {
  const filters = JSON.stringify({ label: [`dev.plimsoll.installation=${installation}`] });
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes) await docker.getVolume(Name).remove();
}
