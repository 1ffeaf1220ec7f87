import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseSources, type SourceChoice } from '../../reconciler/choose-sources.ts';
import type { SourceConfig } from '../../reconciler/manifest/config-read.ts';
import { name } from '../../reconciler/model/ids.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const nothing: SourceChoice = { source: undefined, ref: undefined, path: undefined };

function configured(title: string, repository: string): SourceConfig {
  return {
    name: name(title),
    repository,
    ref: 'main',
    path: 'a',
    intervalMs: 1000,
    engines: null,
    credentials: null,
  };
}

const main = configured('main', 'https://example.com/acme/gitops.git');
const apps = configured('apps', 'https://example.com/acme/apps.git');

function choose(
  choice: Partial<SourceChoice>,
  sources: readonly SourceConfig[],
  directory = temporaryDirectory(),
) {
  return chooseSources({ ...nothing, ...choice }, { configured: sources, directory });
}

test('without a word, what is configured', () => {
  expect(choose({}, [main, apps])).toEqual([main, apps]);
});

test('a name or an address picks a configured source, with its credentials and its name', () => {
  expect(choose({ source: 'apps' }, [main, apps])).toEqual([apps]);
  expect(choose({ source: apps.repository, ref: 'v2', path: './b/' }, [main, apps])).toEqual([
    { ...apps, ref: 'v2', path: 'b' },
  ]);
});

test('a ref alone is meant for the only source there is', () => {
  expect(choose({ ref: 'v2' }, [main])).toEqual([{ ...main, ref: 'v2' }]);
  expect(() => choose({ ref: 'v2' }, [main, apps])).toThrow(
    'need --source to say which is meant: main, apps.',
  );
});

test('with nothing configured, the repository that holds the working directory', () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, '.git'));
  mkdirSync(join(root, 'deep', 'down'), { recursive: true });
  const [source] = choose({}, [], join(root, 'deep', 'down'));
  expect(source).toMatchObject({ repository: root, ref: 'HEAD', path: '' });
  expect(() => choose({}, [])).toThrow(/There is nothing to read: .* is not in a Git repository/);
});

test('a bare repository is one too', () => {
  const { path } = createRepository();
  expect(choose({ source: path }, [])[0]?.repository).toBe(path);
});

test('two places never share a name, so that neither can remove the stacks of the other', () => {
  const names = [
    choose({ source: 'https://example.com/a/gitops.git' }, []),
    choose({ source: 'https://example.com/b/gitops.git' }, []),
    choose({ source: 'https://example.com/a/gitops.git', path: 'x' }, []),
  ].map(([source]) => source?.name);
  expect(new Set(names).size).toBe(3);
  for (const one of names) expect(one).toMatch(/^gitops-[0-9a-f]{8}$/);
});

test('another ref, another token or a slash at the end is the same place', () => {
  const address = 'https://example.com/a/gitops.git';
  const [plain] = choose({ source: address }, []);
  const [tagged] = choose({ source: address, ref: 'v1', path: '.' }, []);
  const [signed] = choose({ source: 'https://ada:secret@example.com/a/gitops.git' }, []);
  expect([tagged?.name, signed?.name]).toEqual([plain?.name, plain?.name]);
});
