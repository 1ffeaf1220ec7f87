import { expect, test } from 'vitest';
import { readWorkingTree } from '../../reconciler/git/working-tree.ts';
import { builtInDefaults } from '../../reconciler/manifest/defaults.ts';
import type { SourceTree } from '../../reconciler/model/ports.ts';
import { loadTree, type ParseCache } from '../../reconciler/sync/load.ts';

/** A tree that counts what is read of it. */
async function countingTree(
  directory: string,
): Promise<{ readonly tree: SourceTree; readonly read: string[] }> {
  const real = await readWorkingTree(directory, '');
  const read: string[] = [];
  const readBlob = (id: string): Promise<Uint8Array> => {
    read.push(real.files.find((file) => file.id === id)?.path ?? id);
    return real.readBlob(id);
  };
  return { tree: { ...real, readBlob }, read };
}

test('every example resolves without a problem', async () => {
  for (const example of ['quickstart', 'three-tier', 'replicas', 'everything', 'compose']) {
    const tree = await readWorkingTree(`examples/${example}`, '');
    const { stacks, problems } = await loadTree(tree, { defaults: builtInDefaults, cache: new Map() });
    expect({ example, problems: [...problems, ...stacks.flatMap((stack) => stack.problems)] }).toEqual({
      example,
      problems: [],
    });
    expect(stacks.length).toBeGreaterThan(0);
  }
});

test('a manifest whose blob did not change is not read and not parsed again', async () => {
  const cache: ParseCache = new Map();
  const first = await countingTree('examples/quickstart');
  await loadTree(first.tree, { defaults: builtInDefaults, cache });
  expect(first.read).toContain('stacks/hello/web.yaml');
  const second = await countingTree('examples/quickstart');
  const { stacks } = await loadTree(second.tree, { defaults: builtInDefaults, cache });
  expect(second.read.filter((path) => path.endsWith('.yaml'))).toEqual([]);
  expect(stacks.map(({ stack }) => stack?.services.map(({ name }) => name))).toEqual([['visitor', 'web']]);
});

test('the cache holds what the last read used and nothing older', async () => {
  const cache: ParseCache = new Map();
  await loadTree(await readWorkingTree('examples/everything', ''), { defaults: builtInDefaults, cache });
  await loadTree(await readWorkingTree('examples/quickstart', ''), { defaults: builtInDefaults, cache });
  expect([...cache.values()].map(({ file }) => file).toSorted()).toEqual([
    'stacks/hello/visitor.yaml',
    'stacks/hello/web.yaml',
  ]);
});
