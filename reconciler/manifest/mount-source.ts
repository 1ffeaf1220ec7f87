import type { StackContext } from './context.ts';
import { cleanPath } from './path.ts';
import { report, type Place } from './place.ts';
import { suggestion } from './suggestion.ts';

/** As Compose tells a path of the host from the name of a volume. */
export function isHostPath(source: string): boolean {
  return /^[./~\\]/.test(source) || source.includes('/');
}

/** An absolute path of the host. */
export function readHostPath(source: string, place: Place): string {
  const path = cleanPath(source);
  if (path !== null) return path;
  report(
    place,
    'RelativeBindPath',
    'mounts a path relative to the repository, which does not exist on the engine. For files of the repository use `configs`; for data, a named volume; for a path of the host, an absolute one.',
  );
  return source;
}

/** The engine's name of a volume that the stack declares. */
export function volumeName(source: string, { volumes }: StackContext, place: Place): string {
  const volume = volumes.get(source);
  if (volume !== undefined) return volume.engineName;
  const meant = suggestion(source, volumes.keys());
  const how =
    meant === ''
      ? `. Declare it: "volumes: { ${source}: }" in stack.yaml, or at the top of the Compose file.`
      : meant;
  report(
    place,
    'UndeclaredVolume',
    `uses the volume ${JSON.stringify(source)}, which the stack does not declare${how}`,
  );
  return source;
}
