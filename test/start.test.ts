import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from './support/temporary.ts';

let checkout: string;
let bin: string;

/** A fresh clone with a stand-in for npm and for the bundler, each of which leaves what the real one would. */
beforeEach(() => {
  checkout = temporaryDirectory();
  bin = temporaryDirectory();
  for (const path of ['prepare.js', 'start.js', 'build.js', 'bundle.js', '../dashboard/build.js']) {
    cpSync(join('reconciler', path), join(checkout, 'reconciler', path));
  }
  write('package.json', '{ "type": "module" }');
  writeLock('1.0.0');
  write('reconciler/cli.ts', 'console.log("hello");');
  write('schemas/service.schema.json', '{}');
  writeFileSync(join(bin, 'bundler.mjs'), bundler);
  const npm = `#!/bin/sh
mkdir -p node_modules/esbuild
cp package-lock.json node_modules/.package-lock.json
echo '{ "type": "module", "exports": "./index.js" }' > node_modules/esbuild/package.json
echo "export * from '${bin}/bundler.mjs'; export { default } from '${bin}/bundler.mjs'" > node_modules/esbuild/index.js
cp -r node_modules/esbuild node_modules/vite
cp -r node_modules/esbuild node_modules/vite-plugin-solid`;
  writeFileSync(join(bin, 'npm'), npm, { mode: 0o755 });
});

const cli = `process.exitCode = 3;
if (process.argv.includes('--wait')) {
  const waiting = setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => { console.log('ended'); clearInterval(waiting); process.exitCode = 0; });
}
console.log(process.argv.slice(2).join(' '));`;

/** Writes the program, or the one that the build itself runs. */
const bundler = `import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
export default function plugin() {}
export async function build({ outfile = 'dist/reconciler/cli.js' }) {
  mkdirSync(dirname(outfile), { recursive: true });
  const program = outfile.endsWith('precompile.js') ? 'export const validatorModule = () => "";' : ${JSON.stringify(cli)};
  writeFileSync(outfile, program);
}`;

const installing = 'plimsoll: installing dependencies: npm ci\n';
const building = 'plimsoll: building: npm run build\n';

describe('npm start', () => {
  test('installs, builds and runs the quickstart in a fresh clone, and keeps the exit code', () => {
    expect(start('start')).toMatchObject({
      stderr: installing + building,
      stdout: 'run --example quickstart\n',
      status: 3,
    });
  });

  test('says and does nothing more the second time', () => {
    start('start');
    expect(start('start', '--config', 'plimsoll.yaml')).toMatchObject({
      stderr: '',
      stdout: 'run --config plimsoll.yaml\n',
    });
  });

  test('builds again after a source or a schema changed or went, once', () => {
    start('start');
    const changes = [
      () => touch('reconciler/cli.ts'),
      () => touch('schemas/service.schema.json'),
      () => rmSync(join(checkout, 'schemas/service.schema.json')),
    ];
    for (const change of changes) {
      change();
      expect(start('start').stderr).toBe(building);
      expect(start('start').stderr).toBe('');
    }
  });

  test('installs again when the lock file asks for another version, and not because it is newer', () => {
    start('start');
    touch('package-lock.json');
    expect(start('start').stderr).toBe('');
    writeLock('2.0.0');
    expect(start('start').stderr).toBe(installing);
  });

  test('starts nothing when the build fails', () => {
    start('start');
    writeFileSync(
      join(bin, 'bundler.mjs'),
      'export default () => {}; export async function build() { throw new Error("the hull leaks"); }',
    );
    touch('reconciler/cli.ts');
    const failed = start('start');
    expect(failed).toMatchObject({ stdout: '', status: 1 });
    expect(failed.stderr).toMatch(/the hull leaks\n.*failed; nothing was started\.\n$/s);
    expect(start('start').stderr).toContain(building);
  });

  test('is the command itself: a signal ends it cleanly', async () => {
    start('start');
    const child = spawn(process.execPath, [join(checkout, 'reconciler/start.js'), 'start', '--wait']);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('npm run plimsoll passes every argument on', () => {
  expect(start('plan', '--json').stdout).toBe('plan --json\n');
});

function start(...args: readonly string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, PATH: bin + delimiter + process.env['PATH'] };
  return spawnSync(process.execPath, [join(checkout, 'reconciler/start.js'), ...args], {
    encoding: 'utf8',
    env,
  });
}

function write(name: string, text: string): void {
  const path = join(checkout, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function writeLock(version: string): void {
  write('package-lock.json', JSON.stringify({ packages: { 'node_modules/yaml': { version } } }));
}

function touch(name: string): void {
  const now = new Date();
  utimesSync(join(checkout, name), now, now);
}
