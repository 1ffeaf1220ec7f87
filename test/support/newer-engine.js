import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, say } from '../../reconciler/prepare.js';

const home = join(checkout, 'node_modules', '.cache', 'plimsoll', 'newer-engine');
const programs = join(home, 'programs');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches Docker and containerd of Debian's development suite beside the installed ones and resolves to the folder
 * with their programs. runc stays the system's: the newer one needs a newer C library. Throws where this cannot be
 * done; apt's own lists, packages and configuration stay untouched.
 */
export function fetchNewerEngine() {
  if (existsSync(join(programs, 'dockerd'))) return programs;
  say("fetching Docker of Debian's development suite, beside the installed one");
  rmSync(home, { recursive: true, force: true });
  const packages = join(home, 'packages');
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'packages', 'programs']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  writeFileSync(join(home, 'status'), '');
  writeFileSync(join(home, 'sources.list'), `deb [signed-by=${keyring}] ${findMirror()} sid main\n`);
  apt(['update'], home);
  apt(['download', 'docker.io', 'containerd'], packages);
  const root = join(home, 'root');
  for (const name of readdirSync(packages)) run('dpkg', ['-x', join(packages, name), root]);
  for (const path of ['sbin/dockerd', 'sbin/docker-proxy', 'bin/containerd', 'bin/containerd-shim-runc-v2']) {
    symlinkSync(join(root, 'usr', path), join(programs, path.replace(/^s?bin\//, '')));
  }
  say(`the newer engine is ${run(join(programs, 'dockerd'), ['--version']).trim()}`);
  return programs;
}

/** The mirror that this machine's own apt uses. */
function findMirror() {
  const listed = run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)']);
  const mirror = /^Debian Debian (\S+)$/m.exec(listed)?.[1];
  if (mirror === undefined) {
    throw new Error(
      'The newer Docker comes from a Debian mirror, and apt has none: run `apt-get update` on Debian.',
    );
  }
  return mirror;
}

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function apt(args, cwd) {
  const options = {
    'Dir::Etc::sourcelist': join(home, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': join(home, 'state'),
    'Dir::State::status': join(home, 'status'),
    'Dir::Cache': join(home, 'cache'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  };
  run(
    'apt-get',
    [...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]), ...args],
    cwd,
  );
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function run(program, args, cwd = checkout) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
