import { describe, expect, test } from 'vitest';
import { loadStack, loadTree, serviceManifest, stackManifest, type Tree } from './tree.ts';

function shop(services: Readonly<Record<string, string>>, spec?: string): Tree {
  const files = Object.entries(services).map(([name, yaml]) => [
    `stacks/shop/${name}.yaml`,
    serviceManifest(`image: app:1\n${yaml}`, name),
  ]);
  return {
    ...Object.fromEntries(files),
    ...(spec !== undefined && { 'stacks/shop/stack.yaml': stackManifest(spec) }),
  };
}

describe('within a stack', () => {
  const cases: readonly (readonly [name: string, tree: Tree, problems: readonly string[]])[] = [
    [
      'two services of one name',
      {
        'stacks/shop/a.yaml': serviceManifest('image: a:1', 'web'),
        'stacks/shop/b.yaml': serviceManifest('image: b:1', 'web'),
      },
      [
        'stacks/shop/b.yaml:3:19 metadata.name: is the second service called web; the first one is in stacks/shop/a.yaml:3. Rename one of them.',
      ],
    ],
    [
      'two services that want one host port',
      shop({ a: 'ports: ["8080:80"]', b: 'ports: ["127.0.0.1:8080:81"]' }),
      [
        'stacks/shop/a.yaml:6:3 spec.ports: wants the host port 8080/tcp, which is wanted by b too. Choose another one.',
        'stacks/shop/b.yaml:6:3 spec.ports: wants the host port 127.0.0.1:8080/tcp, which is wanted by a too. Choose another one.',
      ],
    ],
    [
      'a range of which too little is left',
      shop({ a: 'replicas: 2\nports: ["8080-8081:80"]', b: 'ports: ["8081:80"]' }),
      [
        'stacks/shop/a.yaml:7:3 spec.ports: wants the host port 8080-8081/tcp, which is wanted by b too. Choose another one.',
      ],
    ],
    [
      'a circle of dependencies',
      shop({ a: 'depends_on: [b]', b: 'depends_on: { c: {} }', c: 'network_mode: service:a' }),
      [
        'stacks/shop/a.yaml:6:16 spec.depends_on[0]: closes a circle: a → b → c → a. Remove one of these dependencies.',
      ],
    ],
    [
      'waiting for a service without replicas',
      shop({ a: 'depends_on: [b]', b: 'replicas: 0' }),
      [
        'stacks/shop/a.yaml:6:16 spec.depends_on[0]: waits for b, which has `replicas: 0`. Give it one, or say `required: false`.',
      ],
    ],
    [
      'waiting for the end of what does not end',
      shop({
        a: 'depends_on: { b: { condition: service_completed_successfully } }',
        b: 'lifecycle: service',
      }),
      [
        'stacks/shop/a.yaml:6:20 spec.depends_on.b: waits for the end of b, which has `lifecycle: service`. Make it a job, or wait for service_healthy.',
      ],
    ],
    [
      'sharing the network of several',
      shop({ a: 'network_mode: service:b', b: 'replicas: 2' }),
      [
        'stacks/shop/a.yaml:6:17 spec.network_mode: shares something with b, which has 2 replicas. Give it one.',
      ],
    ],
    [
      'a job that always restarts, by the word of another service',
      shop({ a: 'depends_on: { b: { condition: service_completed_successfully } }', b: 'restart: always' }),
      [
        'stacks/shop/b.yaml:6:12 spec.restart: cannot be always for a job, which is to end. Use no, or on-failure.',
      ],
    ],
    [
      'a network that is not declared in a stack without any',
      shop({ a: 'networks: [back]' }),
      [
        'stacks/shop/a.yaml:6:14 spec.networks[0]: uses the network "back", which the stack does not declare. Declare it: "networks: { back: }" in stack.yaml, or at the top of the Compose file.',
      ],
    ],
  ];
  test.each(cases)('%s', (_name, tree, problems) => {
    expect(loadTree(tree).problems).toEqual(problems);
  });

  test.each<readonly [string, Tree]>([
    ['one port for tcp and for udp', shop({ a: 'ports: ["53:53"]', b: 'ports: ["53:53/udp"]' })],
    ['one port on two addresses', shop({ a: 'ports: ["127.0.0.1:80:80"]', b: 'ports: ["127.0.0.2:80:80"]' })],
    ['IPv4 and IPv6', shop({ a: 'ports: ["0.0.0.0:80:80"]', b: 'ports: ["[::1]:80:80"]' })],
    [
      'a port of a service without replicas',
      shop({ a: 'ports: ["80:80"]', b: 'ports: ["80:80"]\nreplicas: 0' }),
    ],
    ['a range wide enough for all replicas', shop({ a: 'replicas: 3\nports: ["8080-8082:80"]' })],
    ['a port of the engine’s choice', shop({ a: 'replicas: 3\nports: [80]' })],
    ['a dependency that need not be there', shop({ a: 'depends_on: { b: { required: false } }' })],
    [
      'health of a service whose image may bring the check',
      shop({ a: 'depends_on: { b: { condition: service_healthy } }', b: '' }),
    ],
    ['one hostname for all replicas', shop({ a: 'replicas: 2\nhostname: a' })],
  ])('%s is no mistake', (_name, tree) => {
    expect(loadTree(tree).problems).toEqual([]);
  });

  test('two services whose names are both wrong are told just that', () => {
    const { problems } = loadTree({
      'stacks/shop/a.yaml': serviceManifest('image: a:1', 'A'),
      'stacks/shop/b.yaml': serviceManifest('image: a:1\nports: [x]', 'B'),
    });
    expect(problems.map((problem) => problem.split(' ', 2).join(' '))).toEqual([
      'stacks/shop/a.yaml:3:19 metadata.name:',
      'stacks/shop/b.yaml:3:19 metadata.name:',
      'stacks/shop/b.yaml:6:11 spec.ports[0]:',
    ]);
  });

  test('a long circle is shown by its beginning, and of very many problems the first thousand', () => {
    const ring = Array.from({ length: 30 }, (_, index) => [
      `s${index}`,
      `depends_on: [s${(index + 1) % 30}]`,
    ]);
    expect(loadTree(shop(Object.fromEntries(ring))).problems).toEqual([
      expect.stringMatching(/closes a circle: s0( → s\d+){11} → … → s0\. Remove/),
    ]);
    const { problems } = loadTree(
      shop({ a: `networks: [${Array.from({ length: 3000 }, (_, n) => `n${n}`).join(', ')}]` }),
    );
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)).toContain(
      'is one of 3000 places with problems, of which the first 1000 are told.',
    );
  });

  test('while a manifest cannot be read, nothing is said to be missing', () => {
    const { problems } = loadTree({
      ...shop({ a: 'depends_on: [db]\nvolumes: [data:/d]\nnetworks: [back]' }),
      'stacks/shop/db.yaml': 'kind: [',
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('stacks/shop/db.yaml:1:8: is not valid YAML');
  });
});

test('a service that others wait to end is a job', () => {
  const stack = loadStack(
    shop({
      web: 'depends_on: { migrate: { condition: service_completed_successfully } }',
      migrate: '',
      worker: 'lifecycle: job',
    }),
  );
  expect(stack.services.map(({ name, lifecycle }) => [name, lifecycle])).toEqual([
    ['migrate', 'job'],
    ['web', 'service'],
    ['worker', 'job'],
  ]);
});

test('sharing a namespace is a dependency', () => {
  const stack = loadStack(shop({ a: 'network_mode: service:b\npid: service:c', b: '', c: '' }));
  expect(stack.services[0]?.dependsOn).toEqual([
    { service: 'b', condition: 'service_started', required: true, restart: true },
    { service: 'c', condition: 'service_started', required: true, restart: true },
  ]);
});

test('services, networks, volumes and stacks come sorted, in whatever order they were written', () => {
  const stack = loadStack({
    ...shop(
      { z: '', a: 'networks: [y, x]' },
      'networks: { y: , x: }\nvolumes: { d: , c: }\ndepends_on: [two, one, two]',
    ),
    'stacks/one/a.yaml': serviceManifest('image: a:1'),
    'stacks/two/a.yaml': serviceManifest('image: a:1'),
  });
  expect(stack).toMatchObject({ name: 'one' });
  const { stacks } = loadTree({
    ...shop(
      { z: '', a: 'networks: [y, x]' },
      'networks: { y: , x: }\nvolumes: { d: , c: }\ndepends_on: [two, one, two]',
    ),
    'stacks/one/a.yaml': serviceManifest('image: a:1'),
    'stacks/two/a.yaml': serviceManifest('image: a:1'),
  });
  const own = stacks.find(({ name }) => name === 'shop')?.stack;
  expect(own?.services.map(({ name }) => name)).toEqual(['a', 'z']);
  expect(own?.networks.map(({ name }) => name)).toEqual(['default', 'x', 'y']);
  expect(own?.volumes.map(({ name }) => name)).toEqual(['c', 'd']);
  expect(own?.dependsOn).toEqual(['one', 'two']);
});
