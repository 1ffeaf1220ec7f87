// `npm test` on a fresh machine: dependencies, build, the Debian packages that the suite drives, then vitest.
// Runs before `npm ci`: only node: modules and plain JavaScript may be imported statically here.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { checkout, prepareCheckout, say } from '../../reconciler/prepare.js';
import { sweepLeftovers } from './leftovers.js';
import { fetchNewerEngine } from './newer-engine.js';

/** What the suite drives besides Node: the Debian package, and a program that proves it is there. */
const packages = [
  { name: 'docker.io', proof: '/usr/sbin/dockerd' },
  { name: 'docker-registry', proof: '/usr/bin/docker-registry' },
  { name: 'busybox-static', proof: '/bin/busybox' },
  { name: 'git', proof: '/usr/lib/git-core/git-http-backend' },
  { name: 'openssh-client', proof: '/usr/bin/ssh' },
  { name: 'iproute2', proof: '/sbin/ip' },
  { name: 'iptables', proof: '/sbin/iptables' },
  { name: 'postgresql', proof: postgresProgram() },
  { name: 'redis-server', proof: '/usr/bin/redis-server' },
];

prepareCheckout();
try {
  await installMissing();
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--newer-engine') {
    await runVitest(['--project', 'engine', ...rest], { PLIMSOLL_TEST_ENGINE: fetchNewerEngine() });
  } else if (first === '--faults') await runVitest(['--project', 'faults'], readFaultOptions(rest));
  else await runVitest(process.argv.slice(2));
  await tidyUp();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/**
 * `npm run test:faults -- --runs 10000 --seed 1`
 * @param {readonly string[]} args
 * @returns {NodeJS.ProcessEnv}
 */
function readFaultOptions(args) {
  const options = /** @type {const} */ ({ runs: { type: 'string' }, seed: { type: 'string' } });
  const { runs = '10000', seed = '1' } = parseArgs({ args: [...args], options }).values;
  for (const [key, value] of Object.entries({ runs, seed })) {
    if (!/^[1-9]\d*$/.test(value))
      throw new Error(`--${key} should be a whole number from 1 on, not "${value}".`);
  }
  return { PLIMSOLL_FAULT_RUNS: runs, PLIMSOLL_FAULT_SEED: seed };
}

async function installMissing() {
  const missing = packages.filter(({ proof }) => !isRunnable(proof)).map(({ name }) => name);
  if (missing.length === 0) return;
  /** @type {typeof import('../../reconciler/docker/install.ts')} */
  const { installFromDebian } = await importSource('docker/install.ts');
  await installFromDebian(missing, (line) => say(`the tests need more: ${line}`));
}

/** A signal ends vitest before its teardown; after any other end there is nothing to find. */
async function tidyUp() {
  /** @type {typeof import('../../reconciler/docker/private.ts')} */
  const { startPrivateEngine } = await importSource('docker/private.ts');
  await sweepLeftovers(startPrivateEngine);
}

/** Debian keeps each major version in a folder of its own. */
function postgresProgram() {
  const root = '/usr/lib/postgresql';
  const [version = 'none'] = existsSync(root) ? readdirSync(root) : [];
  return join(root, version, 'bin', 'postgres');
}

/** @param {string} path */
async function importSource(path) {
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(pathToFileURL(join(checkout, 'reconciler', path)).href, import.meta.url);
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

/**
 * Leaves with vitest's exit code. A signal that reaches only this process, such as a `kill` by a CI runner, is passed
 * on; one from the terminal reaches vitest by itself, and hearing it twice does no harm.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [more] variables that the tests read
 * @returns {Promise<void>}
 */
function runVitest(args, more = {}) {
  const vitest = join(checkout, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, ...more };
  const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: checkout, env, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}
