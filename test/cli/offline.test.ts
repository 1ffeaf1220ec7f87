import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { temporaryDirectory } from '../support/temporary.ts';
import { plimsoll } from './plimsoll.ts';

function parseJson(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

describe('schema', () => {
  test('without a kind lists the kinds', async () => {
    const { code, stdout } = await plimsoll(['schema']);
    expect([code, stdout]).toEqual([0, 'service\nstack\ncompose\nconfig\n']);
  });

  test.each(['service', 'stack', 'compose', 'config'])(
    '%s is one document that needs no other',
    async (kind) => {
      const { code, stdout } = await plimsoll(['schema', kind]);
      expect(code).toBe(0);
      const schema = parseJson(stdout);
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      const validate = ajv.compile(schema);
      expect(validate([])).toBe(false);
      expect(stdout.match(/"\$ref": "(?!#)/)).toBeNull();
    },
  );

  test('accepts what the parts together accept, and refuses what they refuse', async () => {
    const { stdout } = await plimsoll(['schema', 'service']);
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(parseJson(stdout));
    const web: unknown = parse(readFileSync('examples/quickstart/stacks/hello/web.yaml', 'utf8'));
    expect(validate(web)).toBe(true);
    expect(validate({ ...(web as object), spec: { image: 'x', prots: [] } })).toBe(false);
  });

  test('names the nearest kind', async () => {
    const { code, stderr } = await plimsoll(['schema', 'servcie']);
    expect(code).toBe(1);
    expect(stderr).toContain('Did you mean service?');
  });
});

describe('validate', () => {
  function repository(files: Readonly<Record<string, string>>): string {
    const directory = temporaryDirectory();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    return directory;
  }

  const service = (name: string, spec: string): string =>
    `apiVersion: plimsoll.dev/v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n${spec}`;
  const broken = {
    'stacks/blog/web.yaml': service('web', '  image: a\n  ports: ["x"]\n'),
    'stacks/shop/web.yaml': service('web', '  imag: a\n'),
  };

  test('of a sound repository prints no problem and ends with 0', async () => {
    const directory = repository({ 'stacks/shop/web.yaml': service('web', '  image: acme/web:1\n') });
    const { code, stdout, stderr } = await plimsoll(['validate'], { directory });
    expect([code, stdout, stderr]).toEqual([0, '', 'well-formed: 1 stack with 1 service\n']);
  });

  test('prints every problem with file, line, column and path, as seen from the working directory', async () => {
    const directory = repository(broken);
    const { code, stdout, stderr } = await plimsoll(['validate'], { directory });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^stacks\/blog\/web\.yaml:7:11 spec\.ports\[0\]: /m);
    expect(stdout).toMatch(/^stacks\/shop\/web\.yaml:6:3 spec\.imag: .*did you mean "image"/m);
    expect(stderr).toMatch(/^\d problems in 2 stacks\n$/);
  });

  test('of one stack, or of stacks/, tells only what is below', async () => {
    const directory = repository(broken);
    const one = await plimsoll(['validate', 'stacks/shop'], { directory });
    const all = await plimsoll(['validate', 'stacks'], { directory });
    const inside = await plimsoll(['validate'], { directory: join(directory, 'stacks', 'shop') });
    expect(one.stdout).toContain('stacks/shop/web.yaml');
    expect(one.stdout).not.toContain('blog');
    expect(all.stdout).toContain('stacks/blog/web.yaml');
    expect(inside.stdout).toContain('../../stacks/shop/web.yaml:6:3');
  });

  test('as JSON is one document with the same problems', async () => {
    const directory = repository(broken);
    const { code, stdout, stderr } = await plimsoll(['validate', '--json'], { directory });
    const { stacks, problems } = parseJson(stdout);
    expect([code, stderr]).toEqual([1, '']);
    expect(stacks).toEqual([
      { stack: 'blog', services: null },
      { stack: 'shop', services: null },
    ]);
    expect(problems).toContainEqual(
      expect.objectContaining({ file: 'stacks/shop/web.yaml', line: 6, column: 3, path: 'spec.imag' }),
    );
  });

  test.each([
    ['nowhere', 'There is no directory'],
    ['a-file', 'is a file; name the directory'],
  ])('of %s says what to name instead', async (target, message) => {
    const directory = repository({ 'a-file': '' });
    const { code, stderr } = await plimsoll(['validate', target], { directory });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('init', () => {
  test('writes a repository that validates, and that every editor can complete without a network', async () => {
    const directory = temporaryDirectory();
    const { code, stdout } = await plimsoll(['init', 'gitops'], { directory });
    const root = join(directory, 'gitops');
    expect(code).toBe(0);
    expect(stdout).toContain('gitops/stacks/site/web.yaml');
    expect(existsSync(join(root, '.git', 'HEAD'))).toBe(true);
    expect(await plimsoll(['validate', root])).toMatchObject({ code: 0, stdout: '' });
    for (const file of ['stacks/site/web.yaml', 'stacks/site/stack.yaml', 'plimsoll.yaml']) {
      const text = readFileSync(join(root, file), 'utf8');
      const target = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? '';
      const schema = parseJson(readFileSync(join(root, file, '..', target), 'utf8'));
      const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
      expect(validate(parse(text)), file).toBe(true);
    }
  });

  test('keeps the operator file out of the commits', async () => {
    const directory = temporaryDirectory();
    await plimsoll(['init'], { directory });
    const listed = execFileSync('git', ['ls-files', '--others', '--exclude-standard'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(listed).toContain('stacks/site/web.yaml');
    expect(listed).not.toContain('plimsoll.yaml');
  });

  test('overwrites nothing and then writes nothing at all', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'plimsoll.yaml'), 'mine');
    const { code, stderr } = await plimsoll(['init'], { directory });
    expect(code).toBe(1);
    expect(stderr).toContain('already has plimsoll.yaml; nothing was written');
    expect(readdirSync(directory)).toEqual(['plimsoll.yaml']);
    expect(readFileSync(join(directory, 'plimsoll.yaml'), 'utf8')).toBe('mine');
  });
});

describe('without a daemon, a store or an engine', () => {
  test('status and history answer from what was recorded, which is nothing', async () => {
    const [status, history] = await Promise.all([
      plimsoll(['status', '--json']),
      plimsoll(['history', '--json']),
    ]);
    expect(status.code).toBe(0);
    expect(parseJson(status.stdout)).toMatchObject({ daemon: null, stacks: [], sources: [] });
    expect(history.code).toBe(0);
    expect(parseJson(history.stdout)).toEqual({ syncs: [], next: null });
  });

  test('looking makes no state directory', async () => {
    const directory = temporaryDirectory();
    await plimsoll(['status'], { directory });
    await plimsoll(['doctor'], { directory });
    expect(existsSync(join(directory, 'state'))).toBe(false);
  });

  test.each([[['sync']], [['pause', 'shop', '--for', '1h', '--why', 'x']], [['resume', 'shop']]])(
    '%j says that no daemon runs, where, and how to start one',
    async (args) => {
      const { code, stderr } = await plimsoll(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /No daemon runs on the state directory .*\/state\. Start one with `plimsoll run`/,
      );
    },
  );

  test.each([[['plan']], [['apply']], [['diff']], [['run', '--log', 'text']]])(
    '%j names what is missing',
    async (args) => {
      const { code, stderr } = await plimsoll(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/There is nothing to (read|follow)|does not answer/);
      expect(stderr).not.toMatch(/\n\s+at /);
    },
  );

  test('a failure is JSON too when JSON was asked for', async () => {
    const { code, stdout, stderr } = await plimsoll(['sync', '--json']);
    expect([code, stderr]).toEqual([1, '']);
    expect(parseJson(stdout)).toEqual({
      error: { code: 'DaemonUnreachable', message: expect.stringContaining('No daemon runs') as string },
    });
  });

  test('doctor looks at every part and says what to do about each', async () => {
    const { code, stdout } = await plimsoll(['doctor', '--json']);
    const { checkups } = parseJson(stdout) as { checkups: { part: string; level: string }[] };
    expect(code).toBe(1);
    expect(new Set(checkups.map(({ part }) => part))).toEqual(
      new Set(['config', 'engine', 'source', 'store', 'disk', 'clock']),
    );
    expect(checkups).toContainEqual(expect.objectContaining({ part: 'engine', level: 'fail' }));
  });

  test('mistakes in the configuration are told all at once, with their places', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'plimsoll.yaml'), 'sources:\n  - name: Main\n    repositry: x\n');
    const { code, stderr } = await plimsoll(['run'], {
      directory,
      environment: { PLIMSOLL_LOG_LEVEL: 'loud' },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('plimsoll.yaml:2:11 sources[0].name:');
    expect(stderr).toContain('did you mean "repository"');
    expect(stderr).toContain('PLIMSOLL_LOG_LEVEL');
  });
});
