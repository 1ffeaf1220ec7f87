import { createPaint, type Paint } from './paint.ts';

/** Where a command speaks: results on standard output, everything else on standard error. */
export interface Terminal {
  /** One result, with a line end. */
  print(text: string): void;
  /** One line of progress, advice or error. */
  say(text: string): void;
  /** Colours of standard output and of standard error; they add nothing where nobody would see them. */
  readonly paint: Paint;
  readonly accent: Paint;
  /** Whether a person reads standard error as it comes. */
  readonly isInteractive: boolean;
  /** Width of standard output, or null where it is no terminal. */
  readonly columns: number | null;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

export function createTerminal({ stdout, stderr, environment }: Streams): Terminal {
  return {
    print: createWriter(stdout),
    say: createWriter(stderr),
    paint: createPaint(stdout.isTTY, environment),
    accent: createPaint(stderr.isTTY, environment),
    isInteractive: stderr.isTTY,
    columns: stdout.isTTY ? stdout.columns : null,
  };
}

/**
 * A reader that has seen enough (`plimsoll history | head`) closes its end. That ends the printing, not the command:
 * an `apply` goes on to its recorded end.
 */
function createWriter(stream: NodeJS.WriteStream): (text: string) => void {
  let isClosed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  return (text) => {
    if (!isClosed) stream.write(`${text}\n`);
  };
}
