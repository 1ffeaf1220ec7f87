import { readFileSync } from 'node:fs';
import { SyncError } from '../model/error.ts';
import { runOnHost } from './host-command.ts';

export type Say = (line: string) => void;

/**
 * Installs Docker from the distribution's own packages when this is root on Debian or Ubuntu, and says so first.
 * Anywhere else it throws EngineUnreachable with the steps to take. Where an init system runs, the package starts the
 * system's engine: look for that one before starting a private one.
 */
export async function installDocker(say: Say): Promise<void> {
  await installFromDebian(['docker.io', 'iproute2', 'iptables'], say);
}

export async function installFromDebian(packages: readonly string[], say: Say): Promise<void> {
  const steps = `apt-get update && apt-get install -y ${packages.join(' ')}`;
  if (!isDebian()) {
    throw new SyncError(
      'EngineUnreachable',
      `Missing: ${packages.join(', ')}. Install them, then try again.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new SyncError('EngineUnreachable', `Missing: ${packages.join(', ')}. Run as root: ${steps}`);
  }
  say(`installing ${packages.join(', ')} from the distribution's packages`);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages] as const;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 600_000 };
  try {
    await runOnHost([...install], options);
  } catch {
    // The package list of this machine may be older than what its mirror still has, or be empty.
    await runOnHost(['apt-get', 'update'], options);
    await runOnHost([...install], options);
  }
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
