// Compiles to dist/ and puts beside the code the files that it reads at run time and that tsc does not copy.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildStamp, checkout } from './prepare.js';

const data = ['schemas', 'reconciler/store/sql'];

const startedAt = new Date();
rmSync(process.argv.includes('--clean') ? join(checkout, 'dist') : buildStamp, {
  recursive: true,
  force: true,
});
const compiled = spawnSync(
  process.execPath,
  [join(checkout, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  { cwd: checkout, stdio: 'inherit' },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

for (const folder of data) copyData(folder);
const command = join(checkout, 'dist', 'reconciler', 'cli.js');
if (existsSync(command)) chmodSync(command, 0o755);
writeFileSync(buildStamp, '');
// A source saved while the compiler ran is newer than what was compiled.
utimesSync(buildStamp, startedAt, startedAt);

/** @param {string} folder */
function copyData(folder) {
  const from = join(checkout, folder);
  if (!existsSync(from)) return;
  cpSync(from, join(checkout, 'dist', folder), {
    recursive: true,
    filter: (path) => !/\.(ts|js)$/.test(path),
  });
}
