import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import { nodeArguments, plimsoll } from './plimsoll.ts';

const commands = [
  'validate',
  'plan',
  'apply',
  'run',
  'status',
  'history',
  'deliveries',
  'reviews',
  'diff',
  'drift',
  'sync',
  'pause',
  'resume',
  'schema',
  'init',
  'doctor',
];

describe('help', () => {
  test('lists every command, on standard output when asked for', async () => {
    const { code, stdout, stderr } = await plimsoll(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    expect(new Set(listed)).toEqual(new Set(commands));
  });

  test('is what a bare call prints, on standard error, since it was no command', async () => {
    const { code, stdout, stderr } = await plimsoll([]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Commands');
  });

  test.each(commands)('of %s shows options, examples that begin with it, and exit codes', async (name) => {
    const { code, stdout, stderr } = await plimsoll([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^plimsoll ${name}`));
    const [, examples = '', exits = ''] = stdout.split(/^(?:Examples|Exit codes)$/m);
    expect(
      examples
        .trim()
        .split('\n')
        .every((line) => line.trim().startsWith(`plimsoll ${name}`)),
    ).toBe(true);
    expect(exits).toMatch(/^ {2}0 /m);
    expect(exits).toMatch(/^ {2}1 /m);
  });

  test('comes under three names', async () => {
    const [asOption, short, asCommand] = await Promise.all([
      plimsoll(['plan', '--help']),
      plimsoll(['plan', '-h']),
      plimsoll(['help', 'plan']),
    ]);
    expect(short).toEqual(asOption);
    expect(asCommand).toEqual(asOption);
  });
});

describe('a command line that is wrong', () => {
  test.each([
    [['plna'], 'there is no command "plna". Did you mean `plimsoll plan`?'],
    [['deploy-everything'], 'there is no command "deploy-everything". `plimsoll --help` lists them.'],
    [['--verbose'], 'there is no option "--verbose". `plimsoll --help` lists them.'],
    [['help', 'statu'], 'there is no command "statu". Did you mean `plimsoll status`?'],
    [['plan', '--sorce', 'x'], 'plimsoll plan: There is no option --sorce. Did you mean --source?'],
    [['pause', 'shop', '--why', 'x'], 'plimsoll pause: --for is missing'],
    [['pause', 'shop', '--for', 'soon', '--why', 'x'], 'plimsoll pause: --for should be a duration'],
    [['pause', 'Shop', '--for', '2h', '--why', 'x'], 'plimsoll pause: STACK should be a name'],
    [['pause'], 'plimsoll pause: STACK is missing.'],
    [['history', '--limit', '0'], 'plimsoll history: --limit should be a whole number above 0.'],
    [['sync', '--approve', 'MD101'], 'plimsoll sync: --approve needs the stack'],
    [['apply', '--plan', 'p.json', '--ref', 'x'], 'plimsoll apply: --plan says what is applied'],
  ])('%j ends with 1 and says what was meant', async (args, message) => {
    const { code, stdout, stderr } = await plimsoll(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });

  test('cannot put control characters on the terminal', async () => {
    const { stderr } = await plimsoll(['pl\u001b[2Jan']);
    expect(stderr).not.toContain('\u001b');
  });
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await plimsoll(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [['--help']],
  [['plan', '--help']],
  [['schema', 'service']],
  [['validate', '.']],
  [['status', '--help']],
])('%j loads neither the Docker nor the Git library nor the database driver', async (args) => {
  const coverage = temporaryDirectory();
  await plimsoll(args, { environment: { NODE_V8_COVERAGE: coverage } });
  const reports = readdirSync(coverage).map((name) => readFileSync(join(coverage, name), 'utf8'));
  expect(reports.join('')).toContain('reconciler/cli.');
  expect(reports.join('')).not.toMatch(/node_modules\/(dockerode|isomorphic-git|postgres|pino)\//);
});

test('a reader that has seen enough is no error', () => {
  const call = [process.execPath, ...nodeArguments].map((word) => `'${word}'`).join(' ');
  const script = `set -o pipefail; ${call} schema service | head -c 10`;
  const { status, stderr, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([status, stderr, stdout]).toEqual([0, '', '{\n  "$sche']);
});

test('colours are for terminals, and for whoever asks for them', async () => {
  const plain = await plimsoll(['--help']);
  const forced = await plimsoll(['--help'], { environment: { FORCE_COLOR: '1' } });
  expect(plain.stdout).not.toContain('\u001b');
  expect(forced.stdout).toContain('\u001b[1m');
});
