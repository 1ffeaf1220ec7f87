import type Docker from 'dockerode';
import { logsOf } from './logs.ts';

/** Somebody who asks a service of a network all the time, from a container beside it. */
export interface SteadyClient {
  /** What was answered since the start, in order; `FAILED` where six tries in a row had none. */
  answers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface SteadyClientOptions {
  readonly image: string;
  readonly network: string;
  readonly url: string;
}

/**
 * Tries again at once, as every client of a name with several addresses has to: the engine's own name server goes on
 * naming a container until its process has ended. All tries together take less time than any restart.
 */
export async function startSteadyClient(docker: Docker, options: SteadyClientOptions): Promise<SteadyClient> {
  const script = `
    ask() {
      for try in 1 2 3 4 5 6; do timeout 2 wget -qO- ${options.url} 2>/dev/null && return; done
      echo FAILED
    }
    while sleep 0.02; do ask; done`;
  const container = await docker.createContainer({
    Image: options.image,
    Cmd: ['sh', '-c', script],
    HostConfig: { NetworkMode: options.network, Init: true },
  });
  await container.start();
  return {
    async answers() {
      const text = await logsOf(docker, container.id);
      return text.split('\n').filter((line) => line !== '');
    },
    close: () => container.remove({ force: true }) as Promise<void>,
  };
}
