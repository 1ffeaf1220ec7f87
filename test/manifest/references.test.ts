import { describe, expect, test } from 'vitest';
import { intentOf, loadTree, problemsOf, serviceManifest, submodule, symlink, type Tree } from './tree.ts';

describe('env files', () => {
  const files = {
    'stacks/shop/a.env': 'A=1\nB=a',
    'stacks/shop/b.env': 'B=b\nC=${A}2',
    'stacks/shop/raw.env': 'D="quoted" # ${A}',
  };
  test.each([
    ['env_file: a.env', { A: '1', B: 'a' }],
    ['env_file: [a.env, ./b.env]', { A: '1', B: 'b', C: '12' }],
    ['env_file: [b.env, a.env]\nenvironment: { A: own }', null],
    ['env_file: [a.env]\nenvironment: { A: own }', { A: 'own', B: 'a' }],
    ['env_file: [{ path: a.env }, { path: none.env, required: false }]', { A: '1', B: 'a' }],
    ['env_file: { path: x }', null],
    ['env_file: [{ path: raw.env, format: raw }]', { D: '"quoted" # ${A}' }],
  ])('%s', (yaml, want) => {
    if (want === null) expect(problemsOf(`image: app:1\n${yaml}`, files)).toHaveLength(1);
    else expect(intentOf(yaml, files).environment).toEqual(want);
  });

  test('a mistake names the file and the line, never the value', () => {
    expect(
      problemsOf('image: app:1\nenv_file: x.env', {
        'stacks/shop/x.env': 'A=1\nB=${hunter2}\nnot a line\nC="x" y',
      }),
    ).toEqual([
      '6:13 spec.env_file: names stacks/shop/x.env, whose line 2 has a value of B that needs the variable hunter2, which is not set: only the .env file of the stack\'s directory counts. Set it there, or write "${hunter2:-}" where empty is meant. For a plain dollar sign write "$$".',
      '6:13 spec.env_file: names stacks/shop/x.env, whose line 3 should be "NAME=value", with letters, digits, `_`, `.` and `-` in the name.',
      '6:13 spec.env_file: names stacks/shop/x.env, whose line 4 has something behind the closing quote of C.',
    ]);
  });
});

describe('files that cannot be had', () => {
  const cases: readonly (readonly [path: string, tree: Tree, message: string])[] = [
    [
      'none.conf',
      {},
      'names stacks/shop/none.conf, which is not in the repository. Commit it, or correct the path.',
    ],
    [
      'ap.conf',
      { 'stacks/shop/app.conf': '' },
      'names stacks/shop/ap.conf, which is not in the repository; did you mean "stacks/shop/app.conf"?',
    ],
    ['conf', { 'stacks/shop/conf/a': '' }, 'names stacks/shop/conf, a directory. Name a file.'],
    [
      '../../../x',
      {},
      'should be a path inside the repository, relative to the stack\'s directory, such as "config/app.conf".',
    ],
    [
      '/etc/passwd',
      {},
      'should be a path inside the repository, relative to the stack\'s directory, such as "config/app.conf".',
    ],
    [
      '~/x',
      {},
      'should be a path inside the repository, relative to the stack\'s directory, such as "config/app.conf".',
    ],
    [
      '../../link',
      { link: symlink },
      'names link, a symbolic link, and those are not followed. Name the file itself.',
    ],
    ['../../lib', { lib: submodule }, 'names lib, a submodule, and those are not fetched. Commit the file.'],
    [
      '../../big',
      { big: 'x'.repeat(1024 * 1024 + 1) },
      'names a file of more than 1 MiB. Put large data into a volume or the image.',
    ],
    ['.', {}, 'names stacks/shop, a directory. Name a file.'],
    [
      '../..',
      {},
      'should be a path inside the repository, relative to the stack\'s directory, such as "config/app.conf".',
    ],
  ];
  test.each(cases)('%s', (path, tree, message) => {
    expect(problemsOf(`image: app:1\nconfigs: [{ target: /a, file: "${path}" }]`, tree)).toEqual([
      `6:33 spec.configs[0].file: ${message}`,
    ]);
    expect(problemsOf(`image: app:1\nenv_file: "${path}"`, tree)).toEqual([`6:13 spec.env_file: ${message}`]);
  });

  test('a symbolic link inside the stack is told once as itself and once where it is used', () => {
    const { problems } = loadTree({
      'stacks/shop/web.yaml': serviceManifest('image: a:1\nenv_file: x.env'),
      'stacks/shop/x.env': symlink,
    });
    expect(problems).toEqual([
      'stacks/shop/web.yaml:6:13 spec.env_file: names stacks/shop/x.env, a symbolic link, and those are not followed. Name the file itself.',
      'stacks/shop/x.env:1:1: is a symbolic link, and those are not followed. Commit the file itself.',
    ]);
  });
});

test('contents are handed over by digest, each once, binary ones unchanged', () => {
  const bytes = Uint8Array.from([0, 255, 10, 13]);
  const { stacks, problems } = loadTree({
    'stacks/shop/a.yaml': serviceManifest('image: a:1\nconfigs: [{ target: /a, file: x.bin }]', 'a'),
    'stacks/shop/b.yaml': serviceManifest('image: a:1\nconfigs: [{ target: /b, file: x.bin }]', 'b'),
    'stacks/shop/x.bin': bytes,
  });
  expect(problems).toEqual([]);
  const [stack] = stacks;
  expect([...stack!.contents.values()]).toEqual([bytes]);
  expect(stack!.stack!.services.map(({ container }) => Object.values(container.configs!)[0]!.digest)).toEqual(
    [...stack!.contents.keys(), ...stack!.contents.keys()],
  );
});
