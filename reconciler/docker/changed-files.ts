import type { ChangedFile } from '../model/ports.ts';
import { compareText } from '../model/problem.ts';
import type { Connection } from './connection.ts';
import { listChanges } from './container-calls.ts';

/** What differs from the image below a container's root, by path; mounts are not part of it. */
export async function readChangedFiles(
  connection: Connection,
  containerId: string,
  signal: AbortSignal,
): Promise<readonly ChangedFile[]> {
  const container = { id: containerId, name: containerId.slice(0, 12) };
  const answer = (await listChanges(connection, container, signal)) ?? [];
  const files = answer.map(({ Path: path, Kind }): ChangedFile => ({
    path,
    kind: kinds[Kind] ?? 'modified',
  }));
  return files.filter((file) => !isParent(file, files)).sort((a, b) => compareText(a.path, b.path));
}

const kinds: Readonly<Record<number, ChangedFile['kind']>> = { 0: 'modified', 1: 'added', 2: 'removed' };

/** The engine counts a folder as modified for each file that was touched below it. */
function isParent({ path, kind }: ChangedFile, files: readonly ChangedFile[]): boolean {
  return kind === 'modified' && files.some((other) => other.path.startsWith(`${path}/`));
}
