import { describe, expect, test } from 'vitest';
import { findStacks } from '../../reconciler/manifest/layout.ts';
import { formatProblem } from '../../reconciler/model/problem.ts';
import { loadTree, serviceManifest, stackManifest, submodule, symlink, type Tree } from './tree.ts';

const web = serviceManifest('image: app:1');

function stacksOf(paths: readonly string[]): object {
  const files = paths.map((path) => ({ path, id: path, kind: 'file' as const }));
  const { stacks, problems } = findStacks(files);
  const found = stacks.map(({ directory, manifests }) => [directory, manifests.map(({ path }) => path)]);
  return { stacks: Object.fromEntries(found), problems: problems.map(formatProblem) };
}

describe('where stacks are found', () => {
  test('each directory below stacks/ is one, and nothing beside stacks/ is', () => {
    expect(
      stacksOf([
        'README.md',
        'other/web.yaml',
        'stacks/README.md',
        'stacks/blog/compose.yaml',
        'stacks/shop/web.yaml',
      ]),
    ).toEqual({
      stacks: { 'stacks/blog': ['stacks/blog/compose.yaml'], 'stacks/shop': ['stacks/shop/web.yaml'] },
      problems: [],
    });
  });

  test('without stacks/, each directory that directly holds YAML is one', () => {
    expect(stacksOf(['README.md', 'blog/compose.yml', 'docs/guide/x.yaml', 'shop/web.yaml'])).toEqual({
      stacks: { blog: ['blog/compose.yml'], shop: ['shop/web.yaml'] },
      problems: [],
    });
  });

  test('YAML in the root makes the root one stack', () => {
    expect(stacksOf(['conf/app.yaml', 'stack.yaml', 'web.yaml'])).toEqual({
      stacks: { '': ['stack.yaml', 'web.yaml'] },
      problems: [],
    });
  });

  test('the operator file in the root is no manifest', () => {
    expect(stacksOf(['plimsoll.yaml', 'shop/web.yaml'])).toEqual({
      stacks: { shop: ['shop/web.yaml'] },
      problems: [],
    });
  });

  test('dot directories and dot files are ignored', () => {
    expect(
      stacksOf([
        '.github/workflows/ci.yaml',
        'stacks/.old/web.yaml',
        'stacks/shop/.hidden.yaml',
        'stacks/shop/.x/a.yaml',
        'stacks/shop/web.yaml',
      ]),
    ).toEqual({
      stacks: { 'stacks/shop': ['stacks/shop/web.yaml'] },
      problems: [],
    });
  });

  test('files deeper in a stack are material, not manifests', () => {
    expect(stacksOf(['stacks/shop/conf/prometheus.yaml', 'stacks/shop/web.yaml'])).toEqual({
      stacks: { 'stacks/shop': ['stacks/shop/web.yaml'] },
      problems: [],
    });
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [name: string, tree: Tree, problems: readonly string[]])[] = [
    [
      'an empty source',
      {},
      [
        '.:1:1: holds no stack. Write one, such as stacks/shop/web.yaml, or correct the `path` of the source. To remove the last stack, keep the directory stacks/ with a README.md in it.',
      ],
    ],
    [
      'a source without YAML',
      { 'README.md': '' },
      [
        '.:1:1: holds no stack. Write one, such as stacks/shop/web.yaml, or correct the `path` of the source. To remove the last stack, keep the directory stacks/ with a README.md in it.',
      ],
    ],
    [
      'an upper case directory',
      { 'stacks/Shop/web.yaml': web },
      [
        'stacks/Shop:1:1: cannot be the name of a stack: it takes lower case letters, digits, `-` and `_`, at most 63, beginning and ending with a letter or digit. Rename the directory.',
      ],
    ],
    [
      'a line break in a directory',
      { 'stacks/a\nb/web.yaml': web },
      [
        'stacks/a\\nb:1:1: cannot be the name of a stack: it takes lower case letters, digits, `-` and `_`, at most 63, beginning and ending with a letter or digit. Rename the directory.',
      ],
    ],
    [
      'a directory that is too long',
      { [`stacks/${'a'.repeat(64)}/web.yaml`]: web },
      [expect.stringContaining('cannot be the name of a stack')],
    ],
    [
      'a manifest outside of any stack',
      { 'stacks/web.yaml': web, 'stacks/shop/web.yaml': web },
      [
        'stacks/web.yaml:1:1: stands outside of any stack. Move it into a directory below stacks/, such as stacks/shop/.',
      ],
    ],
    [
      'a directory without a manifest',
      { 'stacks/shop/README.md': '' },
      [
        'stacks/shop:1:1: holds no manifest. To remove the stack, delete the directory; else write a service into it, such as web.yaml.',
      ],
    ],
    [
      'a symbolic link in a stack',
      { 'stacks/shop/web.yaml': web, 'stacks/shop/x/link': symlink },
      ['stacks/shop/x/link:1:1: is a symbolic link, and those are not followed. Commit the file itself.'],
    ],
    [
      'a manifest that is a symbolic link',
      { 'stacks/shop/web.yaml': symlink },
      ['stacks/shop/web.yaml:1:1: is a symbolic link, and those are not followed. Commit the file itself.'],
    ],
    [
      'a submodule in a stack',
      { 'stacks/shop/web.yaml': web, 'stacks/shop/lib': submodule },
      [
        'stacks/shop/lib:1:1: is a submodule, and those are not fetched. Commit its files, or follow its repository as a source of its own.',
      ],
    ],
    [
      'a stack that is a symbolic link',
      { 'stacks/shop/web.yaml': web, 'stacks/blog': symlink },
      ['stacks/blog:1:1: is a symbolic link, and those are not followed. Commit the file itself.'],
    ],
    [
      'stacks/ itself as a symbolic link',
      { stacks: symlink },
      ['stacks:1:1: is a symbolic link, and those are not followed. Commit the file itself.'],
    ],
    [
      'a root stack without a name',
      { 'web.yaml': web },
      [
        '.:1:1: is a stack without a name, since it has no directory of its own. Write "metadata: { name: shop }" into a stack.yaml of kind Stack, or "name: shop" into the Compose file.',
      ],
    ],
    [
      'a name that is not the directory',
      {
        'stacks/shop/web.yaml': web,
        'stacks/shop/stack.yaml': 'apiVersion: plimsoll.dev/v1\nkind: Stack\nmetadata: { name: shpo }',
      },
      [
        'stacks/shop/stack.yaml:3:19 metadata.name: should be "shop", the name of the directory. Rename the directory, or remove this.',
      ],
    ],
    [
      'two kind: Stack',
      {
        'stacks/shop/a.yaml': stackManifest('sync: { prune: true }'),
        'stacks/shop/b.yaml': stackManifest('sync: { prune: false }'),
      },
      [
        'stacks/shop/b.yaml:1:1: is the second "kind: Stack" of this stack; the first one is in stacks/shop/a.yaml. Put both into one.',
      ],
    ],
  ];

  test.each(cases)('%s', (_name, tree, problems) => {
    expect(loadTree(tree).problems).toEqual(problems);
  });
});

test('a stack whose manifests have problems is still there, so that it is not taken for removed', () => {
  const { stacks } = loadTree({
    'stacks/shop/web.yaml': symlink,
    'stacks/blog/web.yaml': 'a: [',
    'stacks/x/web.yaml': web,
  });
  expect(stacks.map(({ name, stack }) => [name, stack !== null])).toEqual([
    ['blog', false],
    ['shop', false],
    ['x', true],
  ]);
});

test('the last stack can be removed by keeping stacks/ without any', () => {
  expect(loadTree({ 'stacks/README.md': 'nothing runs here' })).toEqual({ stacks: [], problems: [] });
});

test('a root stack takes its name from kind: Stack, or from a Compose file', () => {
  const native = loadTree({
    'web.yaml': web,
    'stack.yaml': 'apiVersion: plimsoll.dev/v1\nkind: Stack\nmetadata: { name: shop }',
  });
  expect([native.problems, native.stacks[0]?.stack?.name]).toEqual([[], 'shop']);
  const compose = loadTree({ 'compose.yaml': 'name: shop\nservices: { web: { image: app:1 } }' });
  expect([compose.problems, compose.stacks[0]?.stack?.name]).toEqual([[], 'shop']);
});
