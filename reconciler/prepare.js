// Runs before `npm ci`, on a fresh clone: nothing but node: modules may be imported here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/** Written by the last complete build; its time is compared with the sources. */
export const buildStamp = join(checkout, 'dist', '.complete');

/** What `dist` is made from; a name that does not exist is skipped. */
const buildInputs = ['reconciler', 'webhook', 'dashboard', 'schemas', 'package.json'];

/** Installs what the lock file names and builds `dist`, each only when it is missing or stale. */
export function prepareCheckout() {
  if (!isInstalled()) {
    say('installing dependencies: npm ci');
    runOrExit('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (!isBuilt()) {
    say('building: npm run build');
    runOrExit(process.execPath, [join(checkout, 'reconciler', 'build.js')]);
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`plimsoll: ${line}\n`);
}

/**
 * Compares the lock file with npm's own record of what it installed, so that an `npm install` done by hand counts,
 * and a lock file whose time alone moved does not reinstall.
 */
function isInstalled() {
  const record = join(checkout, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = readPackages(join(checkout, 'package-lock.json'));
  const installed = readPackages(record);
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = installed[path];
    return path === '' || (found === undefined ? optional === true : found.version === version);
  });
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

function isBuilt() {
  if (!existsSync(buildStamp)) return false;
  const builtAt = statSync(buildStamp).mtimeMs;
  return buildInputs.every((name) => newestChange(join(checkout, name)) <= builtAt);
}

/**
 * The latest modification below a path. Directories count too: their time moves when a file is removed.
 * @param {string} path
 * @returns {number}
 */
function newestChange(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestChange(join(path, name))),
    found.mtimeMs,
  );
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function runOrExit(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: checkout, stdio: ['ignore', 2, 'inherit'] });
  if (status === 0) return;
  say(`\`${[command, ...args].join(' ')}\` failed${error ? `: ${error.message}` : ''}; nothing was started.`);
  process.exit(status ?? 1);
}
