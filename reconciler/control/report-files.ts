import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { ChangedFile } from '../model/ports.ts';
import type { World } from '../sync/world.ts';
import type { ContainerFiles, FilesReport } from './protocol.ts';

export interface FilesSubject {
  readonly stack: Name;
  /** Where it runs. */
  readonly engine: Name;
  /** Null: every service of the stack. */
  readonly service: Name | null;
}

/** What somebody wrote inside the containers. What was put there to make them is not among it. */
export async function reportFiles(
  world: World,
  { stack, service, engine: name }: FilesSubject,
  signal: AbortSignal,
): Promise<FilesReport> {
  const engine = world.engines.get(name);
  const { containers } = await engine.observe({ images: [], freshImages: [] }, signal);
  const own = containers.filter(
    ({ ownership }) => ownership.stack === stack && (service === null || ownership.resource === service),
  );
  const looked = own.map(async (container): Promise<ContainerFiles> => {
    const files = await engine.changedFiles(container.id, signal);
    return { container: container.name, files: files.filter((file) => !isOurs(file, container)) };
  });
  return { containers: await Promise.all(looked) };
}

/** Copied in before the start by us, or by the engine for `init`, with the folders that this needed. */
function isOurs({ path }: ChangedFile, { spec }: ObservedContainer): boolean {
  const targets = spec.init ? [...Object.keys(spec.configs), engineInit] : Object.keys(spec.configs);
  return targets.some((target) => target === path || target.startsWith(`${path}/`));
}

const engineInit = '/sbin/docker-init';
