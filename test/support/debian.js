import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { say } from '../../reconciler/prepare.js';

/** What the suite drives besides Node: the Debian package, and a file that proves it is there. */
const packages = [
  { name: 'docker.io', proof: '/usr/sbin/dockerd' },
  { name: 'docker-registry', proof: '/usr/bin/docker-registry' },
  { name: 'busybox-static', proof: '/bin/busybox' },
  { name: 'git', proof: '/usr/lib/git-core/git-http-backend' },
  { name: 'iproute2', proof: '/sbin/ip' },
  { name: 'iptables', proof: '/sbin/iptables' },
];

/** Installs what is missing when this is root on Debian or Ubuntu; otherwise says the exact command and exits 1. */
export function installDebianPackages() {
  const missing = packages.filter(({ proof }) => !isRunnable(proof)).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  if (!isDebian() || process.getuid?.() !== 0) {
    say(`the tests need ${missing.join(', ')}. Run this as root, then \`npm test\` again:`);
    say(`  apt-get update && ${command.join(' ')}`);
    process.exit(1);
  }
  say(`installing from Debian, for the tests: ${missing.join(', ')}`);
  // A package list that is fresh enough saves the update; a stale one makes the install fail, so try both ways.
  if (runQuietly(command) || (runQuietly(['apt-get', 'update']) && runQuietly(command))) return;
  say(`\`${command.join(' ')}\` failed; the tests cannot run without these packages.`);
  process.exit(1);
}

/** @param {string} path */
function isRunnable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** @param {readonly string[]} command */
function runQuietly([program = '', ...args]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}
