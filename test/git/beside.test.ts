import { describe, expect, test } from 'vitest';
import { revision } from '../../reconciler/model/ids.ts';
import { codeOf, contentsOf, follow, never, pollAndRead, serve } from './following.ts';
import { createRepository, type TestRepository } from '../support/repository.ts';

interface Proposal {
  readonly base: string;
  readonly head: string;
  readonly merge: string;
}

/** A pull request as a forge keeps it: a head and its merge with the base, under refs that no branch list shows. */
function propose(repository: TestRepository): Proposal {
  const base = repository.git('rev-parse', 'refs/heads/main');
  const head = repository.commit(
    { 'stacks/shop/web.yaml': 'image: web:2\n' },
    { branch: 'topic', parents: [base] },
  );
  const merge = repository.commit(
    { 'stacks/shop/web.yaml': 'image: web:2\n' },
    { branch: 'merged', parents: [base, head] },
  );
  repository.moveRef('refs/pull/7/head', head);
  repository.moveRef('refs/pull/7/merge', merge);
  repository.deleteRef('refs/heads/topic');
  repository.deleteRef('refs/heads/merged');
  return { base, head, merge };
}

describe('a commit beside the followed one', () => {
  test('is found by its ref and read with its parents, over HTTP', async () => {
    const { repository, server } = await serve();
    const source = follow(server.url);
    const followed = await pollAndRead(source);
    const { base, head, merge } = propose(repository);
    const found = await source.resolve('refs/pull/7/merge', never);
    expect(found).toBe(merge);
    const snapshot = await source.readBeside(revision(merge), never);
    expect(snapshot.parents).toEqual([base, head]);
    expect(await contentsOf(snapshot)).toMatchObject({ 'stacks/shop/web.yaml': 'image: web:2\n' });
    expect(await contentsOf(followed)).toMatchObject({ 'stacks/shop/web.yaml': 'image: web:1\n' });
  });

  test('costs nothing the second time, and the followed branch goes on from where it was', async () => {
    const { repository, server } = await serve();
    const source = follow(server.url);
    await pollAndRead(source);
    const { merge } = propose(repository);
    await source.readBeside(revision(merge), never);
    const before = server.requests.length;
    await source.readBeside(revision(merge), never);
    expect(server.requests.length).toBe(before);
    repository.commit({ 'stacks/shop/web.yaml': 'image: web:3\n' });
    expect(await contentsOf(await pollAndRead(source))).toMatchObject({
      'stacks/shop/web.yaml': 'image: web:3\n',
    });
  });

  test('is read before the followed branch was ever looked at', async () => {
    const { repository, server } = await serve();
    const { merge } = propose(repository);
    const source = follow(server.url);
    const snapshot = await source.readBeside(revision(merge), never);
    expect(await contentsOf(snapshot)).toMatchObject({ 'stacks/shop/web.yaml': 'image: web:2\n' });
    expect(await contentsOf(await pollAndRead(source))).toMatchObject({
      'stacks/shop/web.yaml': 'image: web:1\n',
    });
  });

  test('that the server does not have is a failure which leaves the followed branch readable', async () => {
    const { server } = await serve();
    const source = follow(server.url);
    await pollAndRead(source);
    expect(await codeOf(source.readBeside(revision('0'.repeat(39) + '1'), never))).toBe('ObjectMissing');
    expect(await source.resolve('refs/pull/8/merge', never)).toBe(null);
    expect(await contentsOf(await pollAndRead(source))).toMatchObject({
      'stacks/shop/web.yaml': 'image: web:1\n',
    });
  });

  test('is read from a local repository too', async () => {
    const repository = createRepository();
    repository.commit({ 'stacks/shop/web.yaml': 'image: web:1\n' });
    const { merge, base, head } = propose(repository);
    const source = follow(repository.path);
    expect(await source.resolve('refs/pull/7/merge', never)).toBe(merge);
    expect(await source.resolve('refs/pull/9/merge', never)).toBe(null);
    expect((await source.readBeside(revision(merge), never)).parents).toEqual([base, head]);
    expect(await contentsOf(await pollAndRead(source))).toMatchObject({
      'stacks/shop/web.yaml': 'image: web:1\n',
    });
  });
});
