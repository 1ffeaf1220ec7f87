import type { DaemonFacts } from './control/protocol.ts';
import { createLog, createLogNotifier, type LogLevel } from './log.ts';
import type { Name } from './model/ids.ts';
import type { Notifier } from './model/notice.ts';
import type { World } from './sync/world.ts';
import { formatAddresses } from './terminal/addresses.ts';
import { describeBug } from './terminal/bug.ts';
import { createNoticePrinter } from './terminal/notices.ts';
import type { Terminal } from './terminal/terminal.ts';
import { readVersion } from './version.ts';

/** How a daemon speaks: to a person at a terminal, or to a log. */
export interface Reporter {
  readonly notifier: Notifier;
  readonly say: (line: string) => void;
  readonly onBug: (error: unknown) => void;
  readonly onReady: (world: World, facts: DaemonFacts) => void;
  readonly onStop: (signal: NodeJS.Signals) => void;
}

export function createTextReporter(terminal: Terminal): Reporter {
  const paint = terminal.accent;
  const say = (line: string): void => terminal.say(line);
  let world: World | null = null;
  const whereToLook = (stack: Name): readonly string[] => {
    const desired = world?.views.stack(stack)?.loaded?.desired ?? null;
    return desired === null ? [] : formatAddresses(desired);
  };
  return {
    notifier: createNoticePrinter(terminal, { whereToLook, now: () => Date.now() }),
    say,
    onBug: (error) => describeBug(error, readVersion()).forEach(say),
    onReady(connected, { version, engines, stateDirectory, listen }) {
      world = connected;
      const rows: readonly (readonly [string, string])[] = [
        ...engineRows(engines),
        ['state', stateDirectory],
        [
          'look',
          `${listen === null ? '' : `${listen}, or `}${terminal.command} status, also history and diff`,
        ],
      ];
      say(`${paint.bold(`plimsoll ${version}`)}, Ctrl-C stops it`);
      for (const [title, text] of rows) say(`  ${paint.dim(title.padEnd(6))}  ${text}`);
    },
    onStop() {
      const running = world?.running.stacks() ?? [];
      const waits =
        running.length === 0 ? '' : ` once the running step of ${running.join(' and ')} has ended`;
      say(`Stopping${waits}. Ctrl-C again stops at once; the next start goes on from there.`);
    },
  };
}

/** The only engine, and how to reach it where it is elsewhere than where `docker` looks by itself; or all by name. */
function engineRows(engines: DaemonFacts['engines']): readonly (readonly [string, string])[] {
  const [only, ...others] = engines;
  if (only === undefined || others.length > 0)
    return engines.map(({ name, host }) => ['engine', `${name} at ${host}`]);
  const { host } = only;
  return host === defaultHost
    ? [['engine', host]]
    : [
        ['engine', host],
        ['docker', `export DOCKER_HOST=${host}`],
      ];
}

/** Where Docker's own command looks unless it is told otherwise. */
const defaultHost = 'unix:///var/run/docker.sock';

export function createLogReporter(level: LogLevel): Reporter {
  const log = createLog(level);
  return {
    notifier: createLogNotifier(log),
    say: (line) => log.info({ detail: line }, 'starting'),
    onBug: (error) => log.error({ err: error }, 'bug'),
    onReady: (_, facts) => log.info(facts, 'ready'),
    onStop: (signal) => log.info({ signal }, 'stopping'),
  };
}
