import type { IncomingMessage } from 'node:http';
import { SyncError, isSyncError, type SyncErrorCode } from '../model/error.ts';
import type { Connection } from './connection.ts';
import { readLogs, type ContainerRef } from './container-calls.ts';

/** Failures of the program inside, which only its own output explains. */
const ofProgram: ReadonlySet<SyncErrorCode> = new Set([
  'ContainerUnhealthy',
  'ContainerExited',
  'DeadlineExceeded',
  'JobFailed',
] as const);

const mostLines = 20;
const longestLine = 300;
/** The engine cuts at lines, which may be of any length. */
const mostBytes = 256 * 1024;
const deadlineMs = 5_000;

export interface Listening {
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

/**
 * Does something that a program inside a container may fail at, and adds to that failure what it wrote last: a rollback
 * removes the container a moment later, and its log with it. Its environment is never asked for.
 */
export async function withLastWords<Result>(
  container: ContainerRef,
  listening: Listening,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isSyncError(error) || !ofProgram.has(error.code)) throw error;
    const written = await readLastLines(container, listening);
    const output = [written ?? '', error.output].filter((text) => text !== '').join('\n');
    throw new SyncError(error.code, `${error.message} ${whereToLook(container, written)}`, {
      data: error.data,
      cause: error,
      output,
    });
  }
}

function whereToLook({ name }: ContainerRef, written: string | null): string {
  if (written === null) return `Look at \`docker logs ${name}\`.`;
  if (written === '') return 'It wrote nothing.';
  return 'The last lines that it wrote are kept with this step, in the history.';
}

/** Null where the engine cannot tell: its log goes elsewhere, or the container is gone already. */
async function readLastLines(
  container: ContainerRef,
  { connection, signal }: Listening,
): Promise<string | null> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  try {
    const response = await readLogs(connection, container, { lines: mostLines, signal: ending });
    return lastLines(textOf(await readEnd(response)));
  } catch {
    return null;
  }
}

async function readEnd(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) break;
  }
  return Buffer.concat(chunks);
}

/**
 * Without a terminal, output and error output come in frames: one byte for the stream, three noughts, four for the size.
 * https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerAttach
 */
function textOf(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (isFrame(bytes, at)) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return (at === 0 ? bytes : Buffer.concat(parts)).toString('utf8');
}

function isFrame(bytes: Buffer, at: number): boolean {
  return bytes.length >= at + 8 && bytes.readUInt8(at) <= 2 && bytes.readUIntBE(at + 1, 3) === 0;
}

function lastLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines
    .slice(-mostLines)
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)}…` : line))
    .join('\n');
}
