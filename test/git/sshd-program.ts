import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SshdProgram {
  readonly program: string;
  /** Before sshd's own. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const home = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'plimsoll', 'sshd');

/**
 * The installed sshd, or Debian's unpacked beside the system: installing the package would open port 22 of a
 * machine that only wanted to run some tests.
 */
export function findSshd(): SshdProgram {
  if (existsSync('/usr/sbin/sshd')) return { program: '/usr/sbin/sshd', args: [], environment: {} };
  const root = join(home, 'root');
  if (!existsSync(join(root, 'usr/sbin/sshd'))) unpack(root);
  const triplet = readdirSync(join(root, 'usr/lib')).find((name) => name.includes('-linux-gnu')) ?? '';
  const environment = { LD_LIBRARY_PATH: join(root, 'usr/lib', triplet) };
  const sshd = join(root, 'usr/sbin/sshd');
  if (process.getuid?.() !== 0) return { program: sshd, args: [], environment };
  return {
    program: 'unshare',
    args: ['--mount', 'sh', '-c', withUser, join(home, 'passwd'), sshd],
    environment,
  };
}

/** As root, sshd wants the account that its package makes; it gets one that only it can see. */
const withUser = 'mount --bind "$0" /etc/passwd && exec "$@"';

function unpack(root: string): void {
  mkdirSync(root, { recursive: true });
  const packages = ['openssh-server', 'libwrap0', 'libnsl2', 'libtirpc3'];
  execFileSync('apt-get', ['download', ...packages], { cwd: home, stdio: 'ignore' });
  for (const file of readdirSync(home).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', join(home, file), root]);
  }
  const passwd = readFileSync('/etc/passwd', 'utf8');
  writeFileSync(join(home, 'passwd'), `${passwd}sshd:x:65534:65534::/run/sshd:/usr/sbin/nologin\n`);
}
