import { describe, expect, test } from 'vitest';
import { checkAcross } from '../../reconciler/manifest/across.ts';
import { name } from '../../reconciler/model/ids.ts';
import { formatProblem } from '../../reconciler/model/problem.ts';
import { loadTree, serviceManifest, stackManifest, type Tree } from './tree.ts';

const web = serviceManifest('image: app:1');
const onPort = (port: string): string => serviceManifest(`image: app:1\nports: ["${port}:80"]`);

describe('between stacks', () => {
  const cases: readonly (readonly [name: string, tree: Tree, problems: readonly string[]])[] = [
    [
      'a host port that two stacks want',
      { 'stacks/a/web.yaml': onPort('8080'), 'stacks/b/web.yaml': onPort('0.0.0.0:8080') },
      [
        'stacks/a/web.yaml:6:3 spec.ports: wants the host port 8080/tcp, which web of the stack b wants too. Choose another one.',
        'stacks/b/web.yaml:6:3 spec.ports: wants the host port 0.0.0.0:8080/tcp, which web of the stack a wants too. Choose another one.',
      ],
    ],
    [
      'containers that would have one name',
      {
        'stacks/a-b/c.yaml': serviceManifest('image: app:1', 'c'),
        'stacks/a/b-c.yaml': serviceManifest('image: app:1', 'b-c'),
      },
      [
        'stacks/a/b-c.yaml:3:13 metadata.name: gives the service b-c the name a-b-c-1 on the engine, which the service c of the stack a-b would have too. Rename one of them.',
        'stacks/a-b/c.yaml:3:13 metadata.name: gives the service c the name a-b-c-1 on the engine, which the service b-c of the stack a would have too. Rename one of them.',
      ],
    ],
    [
      'networks and volumes that would have one name',
      {
        'stacks/a/stack.yaml': stackManifest('volumes: { x: { name: same } }\nnetworks: { b_c: }'),
        'stacks/a_b/stack.yaml': stackManifest('networks: { c: }'),
        'stacks/b/stack.yaml': stackManifest('volumes: { y: { name: same } }'),
      },
      [
        'stacks/a/stack.yaml:5:15 spec.networks.b_c: gives the network b_c the name a_b_c on the engine, which the network c of the stack a_b would have too. Rename one of them.',
        'stacks/a_b/stack.yaml:4:15 spec.networks.c: gives the network c the name a_b_c on the engine, which the network b_c of the stack a would have too. Rename one of them.',
        'stacks/a/stack.yaml:4:14 spec.volumes.x: gives the volume x the name same on the engine, which the volume y of the stack b would have too. Rename one of them.',
        'stacks/b/stack.yaml:4:14 spec.volumes.y: gives the volume y the name same on the engine, which the volume x of the stack a would have too. Rename one of them.',
      ],
    ],
    [
      'a stack that is in no source',
      { 'stacks/blog/stack.yaml': stackManifest('depends_on: [ingres]'), 'stacks/ingress/web.yaml': web },
      [
        'stacks/blog/stack.yaml:4:16 spec.depends_on[0]: names the stack ingres, which is in no source; did you mean "ingress"?',
      ],
    ],
    [
      'stacks that wait for each other',
      {
        'stacks/a/stack.yaml': stackManifest('depends_on: [b]'),
        'stacks/b/stack.yaml': stackManifest('depends_on: [a]'),
      },
      [
        'stacks/a/stack.yaml:4:16 spec.depends_on[0]: closes a circle of stacks: a → b → a. Remove one of these dependencies.',
        'stacks/b/stack.yaml:4:16 spec.depends_on[0]: closes a circle of stacks: b → a → b. Remove one of these dependencies.',
      ],
    ],
  ];
  test.each(cases)('%s', (_name, tree, problems) => {
    expect(loadTree(tree).problems).toEqual(problems);
  });

  test('waiting for a stack that has problems of its own is no mistake', () => {
    const { problems } = loadTree({
      'stacks/a/stack.yaml': stackManifest('depends_on: [b]'),
      'stacks/b/web.yaml': 'kind: [',
    });
    expect(problems).toHaveLength(1);
  });

  test('an external network that another stack declares is no collision', () => {
    expect(
      loadTree({
        'stacks/a/stack.yaml': stackManifest('networks: { x: { name: shared } }'),
        'stacks/b/stack.yaml': stackManifest('networks: { x: { name: shared, external: true } }'),
      }).problems,
    ).toEqual([]);
  });
});

test('a stack of two sources is told to both', () => {
  const [one] = loadTree({ 'stacks/shop/web.yaml': web }).stacks;
  const found = checkAcross([
    { source: name('first'), resolved: one! },
    { source: name('second'), resolved: one! },
  ]).filter(({ problem }) => problem.code === 'DuplicateStack');
  expect(found.map(({ source, stack, problem }) => [source, stack, formatProblem(problem)])).toEqual([
    [
      'first',
      'shop',
      'stacks/shop/web.yaml:1:1: makes the stack shop, which is in the source second too. Rename one of them.',
    ],
    [
      'second',
      'shop',
      'stacks/shop/web.yaml:1:1: makes the stack shop, which is in the source first too. Rename one of them.',
    ],
  ]);
});
