import type Docker from 'dockerode';
import { createInterface } from 'node:readline';

/** How many containers of a service were healthy, as the engine told it. */
export interface HealthWatch {
  /** After so many newcomers became healthy: the least and the most that were healthy at once until then. */
  until(newcomers: number): Promise<{ readonly least: number; readonly most: number }>;
  close(): void;
}

interface HealthEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: { readonly name?: string } };
}

/** Begins with what is healthy now; follows every container whose name begins so. */
export async function watchHealth(docker: Docker, namePrefix: string): Promise<HealthWatch> {
  const stream = await docker.getEvents({ filters: JSON.stringify({ type: ['container'] }) });
  const running = await docker.listContainers({
    filters: JSON.stringify({ name: [`^/${namePrefix}`], health: ['healthy'] }),
  });
  const healthy = new Set(running.map(({ Id }) => Id));
  const counts = [healthy.size];
  const newcomers = new Set<string>();
  let wake = (): void => undefined;
  createInterface({ input: stream }).on('line', (line) => {
    const { Action, Actor } = JSON.parse(line) as HealthEvent;
    if (Actor.Attributes.name?.startsWith(namePrefix) !== true) return;
    if (Action === 'health_status: healthy' && !healthy.has(Actor.ID)) {
      healthy.add(Actor.ID);
      newcomers.add(Actor.ID);
    } else if (Action === 'die' || Action === 'health_status: unhealthy') healthy.delete(Actor.ID);
    counts.push(healthy.size);
    wake();
  });
  return {
    async until(count) {
      while (newcomers.size < count) await new Promise<void>((resolve) => (wake = resolve));
      return { least: Math.min(...counts), most: Math.max(...counts) };
    },
    close: () => (stream as unknown as { destroy(): void }).destroy(),
  };
}
