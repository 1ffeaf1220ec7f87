import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where state lies when nobody says: the system's place for root, the person's own for everybody else. */
export function defaultStateDirectory(environment: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return '/var/lib/plimsoll';
  const stateHome = environment['XDG_STATE_HOME'] ?? '';
  // The specification tells to ignore a relative path.
  const parent = stateHome.startsWith('/')
    ? stateHome
    : join(environment['HOME'] ?? homedir(), '.local', 'state');
  return join(parent, 'plimsoll');
}
