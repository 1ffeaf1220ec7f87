import { expect, test } from 'vitest';
import { findStacks } from '../../reconciler/manifest/layout.ts';
import { parseManifest } from '../../reconciler/manifest/parse.ts';
import { resolveStack, type ResolvedStack } from '../../reconciler/manifest/resolve.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import { createViews, type SourceReading } from '../../reconciler/sync/view.ts';

function resolved(stack: string, port: string): ResolvedStack {
  const file = `stacks/${stack}/web.yaml`;
  const text = `apiVersion: plimsoll.dev/v1\nkind: Service\nmetadata: { name: web }\nspec: { image: "busybox:1", ports: ["${port}"] }\n`;
  const [layout] = findStacks([{ path: file, id: '1', kind: 'file' }]).stacks;
  const manifests = [parseManifest(file, new TextEncoder().encode(text))];
  return resolveStack({ layout: layout!, manifests, contents: new Map() });
}

function reading(
  source: string,
  stacks: readonly ResolvedStack[],
  absent: readonly string[] = [],
): SourceReading {
  const commit = { revision: revision('a'.repeat(40)), author: 'a', message: 'm', committedAt: 0 };
  return { source: name(source), commit, stacks, problems: [], absent: absent.map(name), taken: new Map() };
}

test('a host port that stacks of two sources want is a problem of both, and of none once one lets go', () => {
  const views = createViews();
  views.set(reading('first', [resolved('shop', '8080:80')]));
  expect(views.stack(name('shop'))?.loaded?.problems).toEqual([]);
  views.set(reading('second', [resolved('blog', '8080:80')]));
  for (const stack of ['shop', 'blog']) {
    const loaded = views.stack(name(stack))?.loaded;
    expect(loaded?.desired).toBeNull();
    expect(loaded?.problems.map(({ code }) => code)).toEqual(['PortConflict']);
  }
  views.set(reading('second', [resolved('blog', '8081:80')]));
  for (const stack of ['shop', 'blog']) expect(views.stack(name(stack))?.loaded?.problems).toEqual([]);
});

test('a stack that left its source is known, with nothing wanted of it', () => {
  const views = createViews();
  views.set(reading('first', [resolved('shop', '8080:80')], ['old']));
  expect(views.stackNames()).toEqual(['old', 'shop']);
  expect(views.stack(name('old'))).toMatchObject({ loaded: null, source: { source: 'first' } });
  expect(views.stack(name('other'))).toBeNull();
});
