import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectControl } from './control/client.ts';
import type { DaemonOperator, Operator } from './control/operator.ts';
import { SyncError } from './model/error.ts';
import { readSettings, type Settings } from './settings.ts';
import { openPlace } from './store/embedded/place.ts';
import { listenForStop } from './terminal/stop.ts';

/** What a command was called with, as far as it says which daemon is meant. */
export interface Asker {
  readonly options: { readonly config: string | undefined };
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
}

export interface Asking {
  /** Whether the answer needs the sources read and an engine found when no daemon runs. */
  readonly looksAround: boolean;
}

/** Asks the running daemon, or where none runs what was recorded last. */
export async function askOperator<Answer>(
  asker: Asker,
  { looksAround }: Asking,
  ask: (operator: Operator, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  return withDaemon(asker, async (daemon, { settings, signal }) => {
    if (daemon !== null) return ask(daemon, signal);
    // Docker's and Git's libraries take longer to load than a running daemon takes to answer.
    const [{ withMemoryWorld }, { createReporter }] = await Promise.all([
      import('./one-shot.ts'),
      import('./control/report.ts'),
    ]);
    return withMemoryWorld(settings, { looksAround, signal }, (world) =>
      ask(createReporter(world, null), signal),
    );
  });
}

/** For what only a daemon can do. */
export async function askDaemon<Answer>(
  asker: Asker,
  ask: (daemon: DaemonOperator, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  return withDaemon(asker, (daemon, { settings, signal }) => {
    if (daemon !== null) return ask(daemon, signal);
    throw new SyncError(
      'DaemonUnreachable',
      `No daemon runs on the state directory ${settings.stateDirectory}. Start one with \`plimsoll run\`, or name ` +
        "the operator's file of the one that runs with --config.",
    );
  });
}

interface Context {
  readonly settings: Settings;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The way to a socket below a long path is open only for as long as the work lasts. */
async function withDaemon<Answer>(
  { options, environment, directory }: Asker,
  work: (daemon: DaemonOperator | null, context: Context) => Promise<Answer>,
): Promise<Answer> {
  const settings = await readSettings({ configFile: options.config, environment, directory });
  const stop = listenForStop({ onFirst: () => {} });
  const context = { settings, signal: stop.signal };
  const place = existsSync(settings.stateDirectory) ? openPlace(settings.stateDirectory) : null;
  try {
    const daemon =
      place === null ? null : await connectControl(join(place.short, 'control.sock'), stop.signal);
    return await work(daemon, context);
  } finally {
    place?.close();
    stop.release();
  }
}
