import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../reconciler/prepare.js';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks packages of Debian's development suite below `home`, and resolves to the folder that is their root. Comes from
 * the mirror that the host's own apt uses, with apt's own lists, packages and configuration untouched. Throws where
 * this cannot be done.
 * @param {string} home emptied first
 * @param {readonly string[]} names
 */
export function unpackDevelopmentPackages(home, names) {
  rmSync(home, { recursive: true, force: true });
  const packages = join(home, 'packages');
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'packages']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  writeFileSync(join(home, 'status'), '');
  writeFileSync(join(home, 'sources.list'), `deb [signed-by=${keyring}] ${findMirror()} sid main\n`);
  apt(home, ['update'], home);
  apt(home, ['download', ...names], packages);
  const root = join(home, 'root');
  for (const name of readdirSync(packages)) run('dpkg', ['-x', join(packages, name), root]);
  return root;
}

/** The mirror that this machine's own apt uses. */
function findMirror() {
  const listed = run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)']);
  const mirror = /^Debian Debian (\S+)$/m.exec(listed)?.[1];
  if (mirror === undefined) {
    throw new Error(
      'Newer packages come from a Debian mirror, and apt has none: run `apt-get update` on Debian.',
    );
  }
  return mirror;
}

/**
 * @param {string} home
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function apt(home, args, cwd) {
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
