import { once } from 'node:events';
import type Docker from 'dockerode';
import type { Container } from 'dockerode';

/** Runs a command in a container, to its end. */
export async function exec(container: Container, command: string): Promise<void> {
  const run = await container.exec({ Cmd: ['sh', '-c', command], AttachStdout: true, Tty: true });
  const stream = await run.start({ Tty: true, hijack: true, stdin: false });
  stream.resume();
  await once(stream, 'end');
}

/** Another container with everything that one of ours says of itself, under a name of its own. */
export async function copyOf(docker: Docker, original: string, name: string): Promise<Container> {
  const { Config } = await docker.getContainer(original).inspect();
  const copy = await docker.createContainer({
    name,
    Image: Config.Image,
    Labels: Config.Labels,
    HostConfig: { NetworkMode: 'none' },
  });
  await copy.start();
  return copy;
}

/** Takes a network away from all who are on it, and makes it anew as somebody else would. */
export async function remakeNetwork(
  docker: Docker,
  name: string,
  change: Partial<Docker.NetworkCreateOptions>,
): Promise<void> {
  const { Labels = {}, Containers = {} } = await removeNetwork(docker, name);
  await docker.createNetwork({ Name: name, Labels, ...change });
  for (const Container of Object.keys(Containers)) await docker.getNetwork(name).connect({ Container });
}

export async function removeNetwork(docker: Docker, name: string): Promise<Docker.NetworkInspectInfo> {
  const network = docker.getNetwork(name);
  const inspected = await network.inspect();
  for (const Container of Object.keys(inspected.Containers ?? {}))
    await network.disconnect({ Container, Force: true });
  await network.remove();
  return inspected;
}
