import Docker from 'dockerode';

/**
 * Lets health checks go on under a dockerd that took running containers over. It begins to probe a container that is
 * started or unpaused, and does neither with these (20.10), so that their health would stand still for good: a healthy
 * one would be called healthy whatever became of it. A pause of some milliseconds makes it begin.
 */
export async function resumeProbes(socketPath: string): Promise<void> {
  const docker = new Docker({ socketPath });
  const filters = { status: ['running'], health: ['starting', 'healthy', 'unhealthy'] };
  for (const { Id } of await docker.listContainers({ filters })) {
    await pauseFor(docker.getContainer(Id)).catch(() => {
      // It ended or was paused meanwhile; whoever starts or unpauses it sets its probes going.
    });
  }
}

async function pauseFor(container: Docker.Container): Promise<void> {
  await container.pause();
  await container.unpause();
}
