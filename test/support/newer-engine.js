import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, say } from '../../reconciler/prepare.js';
import { unpackDevelopmentPackages } from './debian-development.js';

const home = join(checkout, 'node_modules', '.cache', 'plimsoll', 'newer-engine');
const programs = join(home, 'programs');

/**
 * Fetches Docker and containerd of Debian's development suite beside the installed ones and resolves to the folder
 * with their programs. runc stays the system's: the newer one needs a newer C library. Throws where this cannot be done.
 */
export function fetchNewerEngine() {
  if (existsSync(join(programs, 'dockerd'))) return programs;
  say("fetching Docker of Debian's development suite, beside the installed one");
  const root = unpackDevelopmentPackages(home, ['docker.io', 'containerd']);
  mkdirSync(programs);
  for (const path of ['sbin/dockerd', 'sbin/docker-proxy', 'bin/containerd', 'bin/containerd-shim-runc-v2']) {
    symlinkSync(join(root, 'usr', path), join(programs, path.replace(/^s?bin\//, '')));
  }
  const version = execFileSync(join(programs, 'dockerd'), ['--version'], { encoding: 'utf8' });
  say(`the newer engine is ${version.trim()}`);
  return programs;
}
