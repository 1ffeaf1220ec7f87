import { addressed, commandIn } from './command-name.ts';
import { createPaint, type Paint } from './paint.ts';
import { shorten } from './text.ts';

/** Where a command speaks: results on standard output, everything else on standard error. */
export interface Terminal {
  /** One result, with a line end. */
  print(text: string): void;
  /** One line of progress, advice or error. */
  say(text: string): void;
  /** What goes on at this moment, on a line that the next one replaces; `''` takes it away. Only where a person looks. */
  show(text: string): void;
  /** Colours of standard output and of standard error; they add nothing where nobody would see them. */
  readonly paint: Paint;
  readonly accent: Paint;
  /** How this program is called here: `plimsoll`, or through npm in a checkout. */
  readonly command: string;
  /** Whether a person reads standard error as it comes. */
  readonly isInteractive: boolean;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

/** Some terminals do not tell how wide they are. */
const usualColumns = 80;
const clearLine = '\r\u001b[2K';

export function createTerminal({ stdout, stderr, environment }: Streams): Terminal {
  const out = createWriter(stdout);
  const err = createWriter(stderr);
  const isInteractive = stderr.isTTY && environment['TERM'] !== 'dumb';
  const command = commandIn(environment);
  let isShowing = false;
  const clear = (): string => {
    const prefix = isShowing ? clearLine : '';
    isShowing = false;
    return prefix;
  };
  return {
    print(text) {
      err(clear());
      out(`${addressed(text, command)}\n`);
    },
    say: (text) => err(`${clear()}${addressed(text, command)}\n`),
    show(text) {
      if (!isInteractive) return;
      err(`${clear()}${shorten(text, (stderr.columns || usualColumns) - 1)}`);
      isShowing = text !== '';
    },
    paint: createPaint(stdout.isTTY, environment),
    accent: createPaint(stderr.isTTY, environment),
    command,
    isInteractive,
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
    if (!isClosed && text !== '') stream.write(text);
  };
}
