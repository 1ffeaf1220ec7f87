import type Docker from 'dockerode';
import { packBusybox, type ImageFiles } from './busybox.ts';
import { SyncError } from '../model/error.ts';
import type { Say } from './install.ts';

export interface StandInOptions {
  /** Lines of a Dockerfile that change the image's configuration: CMD, ENV, EXPOSE, HEALTHCHECK, LABEL, USER. */
  readonly changes?: readonly string[];
  readonly files?: ImageFiles;
  readonly say: Say;
}

interface ImportEvent {
  readonly status?: string;
  readonly error?: string;
}

/**
 * Makes an image of the given name out of Debian's busybox-static, for where no registry can be reached. Unless told
 * otherwise it serves a page on port 80 that names the image, and ends at once when asked to. Resolves to its id.
 */
export async function makeStandInImage(
  docker: Docker,
  name: string,
  { changes = [], files = {}, say }: StandInOptions,
): Promise<string> {
  const { repository, tag } = splitName(name);
  const content = { 'bin/serve': serveScript, 'www/index.html': `A stand-in for ${name}\n`, ...files };
  const stream = await docker.importImage(await packBusybox(content, say), {
    repo: repository,
    tag,
    changes: ['CMD ["/bin/serve"]', 'EXPOSE 80', ...changes],
  });
  return readImport(name, await readEvents(stream));
}

/** httpd as process 1 would ignore SIGTERM, and each stop would take Docker's whole grace period. */
const serveScript = `#!/bin/sh
trap 'exit 0' TERM INT
httpd -f -p "\${PORT:-80}" -h /www &
wait
`;

function splitName(name: string): { repository: string; tag: string } {
  if (name.includes('@')) {
    throw new SyncError('ImageNotFound', `${name} is named by its digest, which no stand-in can have.`);
  }
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  return tagged
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name, tag: 'latest' };
}

async function readEvents(stream: NodeJS.ReadableStream): Promise<ImportEvent[]> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as ImportEvent);
}

function readImport(name: string, events: readonly ImportEvent[]): string {
  const failure = events.find(({ error }) => error !== undefined);
  const id = events.findLast(({ status }) => status?.startsWith('sha256:') === true)?.status;
  if (failure === undefined && id !== undefined) return id;
  throw new SyncError('EngineRejected', `The stand-in for ${name} could not be made: ${failure?.error}`);
}
