// Bundles into dist/ and puts beside the code the files that it reads at run time.
import { chmodSync, cpSync, existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPages } from '../dashboard/build.js';
import { bundle } from './bundle.js';
import { buildStamp, checkout } from './prepare.js';

const data = ['schemas', 'reconciler/store/sql'];

const places = { checkout, dist: join(checkout, 'dist') };
const startedAt = new Date();
// Without --clean what an earlier build left stays: a program that runs from here still loads parts of it.
rmSync(process.argv.includes('--clean') ? places.dist : buildStamp, {
  recursive: true,
  force: true,
});
try {
  await bundle(places);
  await buildPages(places);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
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
  // A migration that was renamed would be there twice.
  rmSync(join(checkout, 'dist', folder), { recursive: true, force: true });
  cpSync(from, join(checkout, 'dist', folder), {
    recursive: true,
    filter: (path) => !/\.(ts|js)$/.test(path),
  });
}
