// `npm test` on a fresh machine: dependencies, build, the Debian packages that the suite drives, then vitest.
// Runs before `npm ci`: nothing but node: modules and reconciler/prepare.js may be imported here.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout, prepareCheckout } from '../../reconciler/prepare.js';
import { installDebianPackages } from './debian.js';

const args = process.argv.slice(2);

prepareCheckout();
installDebianPackages();
await handOver(args);

/**
 * Runs vitest with our own arguments and leaves with its exit code. A signal that reaches only this process, such as
 * a `kill` by a CI runner, is passed on; one from the terminal reaches vitest by itself, and a second is harmless.
 * @param {readonly string[]} args
 */
function handOver(args) {
  const vitest = join(checkout, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: checkout, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      process.exitCode = signal === null ? (code ?? 1) : 1;
      resolve(undefined);
    });
  });
}
