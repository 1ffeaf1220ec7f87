import { describe, expect, test } from 'vitest';
import { loadStack, loadTree, serviceManifest, type Tree } from './tree.ts';

const dir = 'stacks/blog';

function compose(text: string, others: Tree = {}): Tree {
  return { ...others, [`${dir}/compose.yaml`]: text };
}

function problemsOf(text: string, others: Tree = {}): readonly string[] {
  return loadTree(compose(text, others)).problems.map((problem) =>
    problem.replace(`${dir}/compose.yaml:`, ''),
  );
}

function containerOf(text: string, others: Tree = {}): object {
  const [service] = loadStack(compose(text, others)).services;
  return service?.container ?? {};
}

test('a Compose project is a stack as it stands', () => {
  const stack = loadStack(
    compose(
      `version: "3.8"
name: blog
x-common: &common
  restart: unless-stopped
services:
  blog:
    <<: *common
    image: ghost:5
    ports: ["2368:2368"]
    environment: { url: http://localhost, database__client: mysql }
    volumes: [content:/var/lib/ghost/content]
    depends_on: { db: { condition: service_healthy } }
    configs: [{ source: settings, target: /etc/settings, mode: 0440, x-plimsoll: { reaction: restart } }, motd]
  db:
    <<: *common
    image: mysql:8
    networks: { back: { aliases: [mysql] } }
    healthcheck: { test: mysqladmin ping }
    deploy: { replicas: 1, resources: { limits: { memory: 512M } } }
    x-plimsoll: { owner: data-team, rollout: { strategy: recreate }, drift: { mode: warn } }
networks:
  back: { internal: true, driver: bridge, labels: [a=b], ipam: { config: [{ subnet: 172.30.0.0/16, aux_addresses: { router: 172.30.0.2 } }] } }
volumes:
  content:
  shared: { external: true, name: elsewhere }
configs:
  settings: { file: ./settings.conf }
  motd: { content: hello }
x-plimsoll: { sync: { automatic: false }, depends_on: [ingress], rollout: { min_healthy_time: 30s } }
`,
      {
        [`${dir}/settings.conf`]: 'x',
        [`${dir}/other.yml`]: 'not: a manifest',
        'stacks/ingress/web.yaml': serviceManifest('image: a:1'),
      },
    ),
  );
  expect(stack).toMatchObject({
    name: 'blog',
    dependsOn: ['ingress'],
    sync: { automatic: false, prune: true },
  });
  expect(stack.services.map(({ name, owner }) => [name, owner])).toEqual([
    ['blog', null],
    ['db', 'data-team'],
  ]);
  const [blog, db] = stack.services;
  expect(blog).toMatchObject({
    origin: { file: `${dir}/compose.yaml`, line: 6 },
    dependsOn: [{ service: 'db', condition: 'service_healthy' }],
    rollout: { strategy: 'auto', minHealthyTimeMs: 30_000 },
    reactions: { '/etc/settings': { kind: 'restart' } },
  });
  expect(Object.entries(blog!.container.configs!).map(([path, { mode }]) => [path, mode])).toEqual([
    ['/etc/settings', 0o440],
    ['/motd', 0o444],
  ]);
  expect(blog!.container).toMatchObject({
    restart: { condition: 'unless-stopped' },
    mounts: { '/var/lib/ghost/content': { source: 'blog_content' } },
  });
  expect(db).toMatchObject({
    rollout: { strategy: 'recreate' },
    drift: { mode: 'warn' },
    container: { mem_limit: 536_870_912, networks: { blog_back: { aliases: ['db', 'mysql'] } } },
  });
  expect(stack.networks).toEqual([
    {
      name: 'back',
      engineName: 'blog_back',
      external: false,
      driver: 'bridge',
      options: {},
      labels: { a: 'b' },
      internal: true,
      attachable: false,
      enableIpv6: false,
      ipam: {
        driver: null,
        pools: [
          { subnet: '172.30.0.0/16', gateway: null, ipRange: null, auxAddresses: { router: '172.30.0.2' } },
        ],
      },
    },
    {
      name: 'default',
      engineName: 'blog_default',
      external: false,
      driver: null,
      options: {},
      labels: {},
      internal: false,
      attachable: false,
      enableIpv6: false,
      ipam: null,
    },
  ]);
  expect(stack.volumes.map(({ name, engineName, external }) => [name, engineName, external])).toEqual([
    ['content', 'blog_content', false],
    ['shared', 'elsewhere', true],
  ]);
});

test.each(['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'])(
  '%s is a Compose project',
  (file) => {
    expect(loadStack({ [`${dir}/${file}`]: 'services: { web: { image: app:1 } }' }).services).toHaveLength(1);
  },
);

test('the default network is there only when somebody is in it', () => {
  expect(loadStack(compose('services: { a: { image: a:1, network_mode: host } }')).networks).toEqual([]);
  expect(
    loadStack(compose('services: { a: { image: a:1 } }\nnetworks: { default: { internal: true } }')).networks,
  ).toMatchObject([{ name: 'default', internal: true }]);
});

describe('variables', () => {
  const env = { [`${dir}/.env`]: 'TAG=1.4.2\nEMPTY=\nON=true\nN=2\nQUOTED="a b"\n' };
  test.each([
    ['image: "app:${TAG}"', { image: 'app:1.4.2' }],
    ['image: app:$TAG', { image: 'app:1.4.2' }],
    ['image: "app:${NONE:-x}"', { image: 'app:x' }],
    ['image: "app:${EMPTY:-x}"', { image: 'app:x' }],
    ['image: "app:v${EMPTY-x}"', { image: 'app:v' }],
    ['image: "app:${NONE:-${TAG}}"', { image: 'app:1.4.2' }],
    ['image: "app:v${TAG:+1}"', { image: 'app:v1' }],
    ['image: "app:v${NONE:+1}"', { image: 'app:v' }],
    ['image: "app:${TAG:-${NOT_NEEDED}}"', { image: 'app:1.4.2' }],
    ['image: app:1\nprivileged: ${ON}', { privileged: true }],
    ['image: app:1\nprivileged: "false"', { privileged: false }],
    ['image: app:1\noom_score_adj: ${N}', { oom_score_adj: 2 }],
    ['image: app:1\ncpus: ${HALF:-0.5}', { cpus: 0.5 }],
    ['image: app:1\nenvironment: { A: "$$TAG", B: "${QUOTED}" }', { environment: { A: '$TAG', B: 'a b' } }],
    ['image: app:1\nenvironment: [TAG, NONE]', { environment: { TAG: '1.4.2' } }],
    ['image: app:1\nenvironment: { TAG: , NONE: }', { environment: { TAG: '1.4.2' } }],
    ['image: app:1\nx-other: "${NONE}"', { image: 'app:1' }],
    ['image: app:1\nenv_file: "${TAG}.env"', { environment: { A: '1' } }],
  ])('%s', (service, want) => {
    const text = `services:\n  web:\n${service
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n')}`;
    expect(containerOf(text, { ...env, [`${dir}/1.4.2.env`]: 'A=1' })).toMatchObject(want);
  });

  test.each([
    [
      '${NONE}',
      'needs the variable NONE, which is not set: only the .env file of the stack\'s directory counts. Set it there, or write "${NONE:-}" where empty is meant. For a plain dollar sign write "$$".',
    ],
    [
      '${NONE:?tell me}',
      "needs the variable NONE (tell me). Set it in the .env file of the stack's directory.",
    ],
    ['${EMPTY:?}', "needs the variable EMPTY. Set it in the .env file of the stack's directory."],
    ['$5', 'has "$" without the name of a variable. For a plain dollar sign write "$$".'],
    ['${TAG', 'has "${TAG" without a closing "}" behind it. For a plain dollar sign write "$$".'],
    ['${TAG:-x', 'has "${TAG" without a closing "}" behind it. For a plain dollar sign write "$$".'],
    ['${NONE:-x', 'has "${" without a closing "}". For a plain dollar sign write "$$".'],
    ['${TAG/x}', 'has "${TAG" without a closing "}" behind it. For a plain dollar sign write "$$".'],
    [
      `${'${A:-'.repeat(50)}x${'}'.repeat(50)}`,
      'has variables nested too deeply. Put intermediate values into .env.',
    ],
  ])('%s is refused', (value, message) => {
    expect(problemsOf(`services:\n  web:\n    image: app:1\n    labels: { a: '${value}' }`, env)).toEqual([
      `4:18 services.web.labels.a: ${message}`,
    ]);
  });

  test('the environment of the process is never asked', () => {
    expect(process.env['PATH']).toBeDefined();
    expect(problemsOf('services: { web: { image: "app:${PATH}" } }')).toEqual([
      expect.stringContaining('needs the variable PATH'),
    ]);
  });

  test('mistakes in .env stand where they are', () => {
    const { problems } = loadTree(
      compose('services: { web: { image: app:1 } }', { [`${dir}/.env`]: 'A=1\n\n2 B=x\nC="x' }),
    );
    expect(problems).toEqual([
      `${dir}/.env:3:1: should be "NAME=value", with letters, digits, \`_\`, \`.\` and \`-\` in the name.`,
      `${dir}/.env:4:1: has a value of C whose quote is not closed.`,
    ]);
  });
});

describe('what is refused', () => {
  test.each([
    [
      'services: { Web: { image: a:1 } }',
      [
        '1:13 services.Web: cannot be the name of a service: it takes lower case letters, digits, `-` and `_`, at most 63. Rename it.',
      ],
    ],
    [
      'services: { web: { build: . } }',
      [
        '1:18 services.web: needs "image", such as "ghcr.io/acme/web:1.4.2".',
        '1:20 services.web.build: is not available: what runs here was built before. Build the image in CI, push it and name it in `image`.',
      ],
    ],
    [
      'services: { web: }',
      ['1:18 services.web: is empty. Give it a map, such as { image: "ghost:5" }, or remove the key.'],
    ],
    [
      'services: [web]',
      ['1:11 services: should be a map of services, such as { blog: { image: "ghost:5" } }.'],
    ],
    ['{}', ['1:1: needs "services", such as { blog: { image: "ghost:5" } }.']],
    [
      'name: other\nservices: {}',
      ['1:7 name: should be "blog", the name of the directory. Rename the directory, or remove this.'],
    ],
    [
      'services: {}\nsecrets: { a: { file: b } }',
      [
        '2:1 secrets: is not available. Keep the file on the host, let the operator allow its path, and mount it under `volumes`.',
      ],
    ],
    [
      'services: {}\ninclude: [a]',
      [expect.stringContaining('2:1 include: is not available. Make the other project a stack of its own')],
    ],
    ['services: {}\nservces: {}', ['2:1 servces: is not a known key; did you mean "services"?']],
    [
      'services: { a: { image: a:1, configs: [x] } }\nconfigs: { y: { content: z } }',
      [
        '1:40 services.a.configs[0]: uses the config "x", which the project does not declare; did you mean "y"?',
      ],
    ],
    [
      'services: { a: { image: a:1, configs: [x] }, b: { image: a:1, configs: [x] } }\nconfigs: { x: {} }',
      ['2:15 configs.x: should have one of "file", "content" and "environment".'],
    ],
    [
      'services: { a: { image: a:1, configs: [x] } }\nconfigs: { x: { environment: NONE } }',
      [
        '2:30 configs.x.environment: names a variable that the .env file of this directory does not set. Set it there.',
      ],
    ],
    [
      'services: {}\nvolumes: { dbData: }',
      [
        '2:12 volumes.dbData: cannot be a name here: it takes lower case letters, digits, `-` and `_`, at most 63. Rename it; with "name: dbData" below it, the engine\'s name stays what it was.',
      ],
    ],
    [
      'services: {}\nnetworks: { a: { external: true, internal: true } }',
      [
        '2:34 networks.a.internal: has no effect beside `external: true`, since it exists already. Remove one of them.',
      ],
    ],
    [
      'services: {}\nnetworks: { a: { external: true, name: host } }',
      [
        '2:40 networks.a.name: cannot be host, a network of the engine itself. Use `network_mode` of the service.',
      ],
    ],
    [
      'services: {}\nnetworks: { a: { name: x }, b: { name: x } }',
      ['2:32 networks.b: is called x by the engine, and so is a. Keep one of them.'],
    ],
    [
      'services: {}\nnetworks: { a: { ipam: { config: [{ subnet: 1.2.3.4 }] } } }',
      ['2:45 networks.a.ipam.config[0].subnet: should be a range in CIDR notation, such as "172.30.0.0/16".'],
    ],
    [
      'services: {}\nx-plimsoll: { sync: { automtic: false } }',
      ['2:23 x-plimsoll.sync.automtic: is not a known key; did you mean "automatic"?'],
    ],
    [
      'services: { a: { image: a:1, x-plimsoll: { replicas: 2 } } }',
      [
        '1:44 services.a.x-plimsoll.replicas: is not a known key. Known here: drift, lifecycle, owner, rollout.',
      ],
    ],
  ])('%s', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test.each<readonly [string, Tree, readonly string[]]>([
    [
      'two Compose files',
      { [`${dir}/docker-compose.yml`]: 'services: {}' },
      [
        `${dir}/docker-compose.yml:1:1: is a second Compose file beside ${dir}/compose.yaml. Keep one of them.`,
      ],
    ],
    [
      'a manifest of ours beside it',
      { [`${dir}/web.yaml`]: serviceManifest('image: a:1') },
      [
        `${dir}/web.yaml:1:1: stands beside ${dir}/compose.yaml, and a directory is either a Compose project or a set of manifests. Move it, or use \`x-plimsoll\` there.`,
      ],
    ],
    [
      'an override that Compose would merge',
      { [`${dir}/compose.override.yaml`]: 'services: {}' },
      [
        `${dir}/compose.override.yaml:1:1: would be merged into ${dir}/compose.yaml by Compose, and is not here. Put what it says into that file.`,
      ],
    ],
  ])('%s', (_name, others, problems) => {
    expect(loadTree(compose('services: {}', others)).problems).toEqual(problems);
  });

  test('broken YAML beside a Compose file is nobody’s business', () => {
    expect(loadTree(compose('services: {}', { [`${dir}/template.yml`]: '{{ helm }}: [' })).problems).toEqual(
      [],
    );
  });
});
