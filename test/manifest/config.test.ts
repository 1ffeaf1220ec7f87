import { describe, expect, test } from 'vitest';
import { parseConfig, resolveConfig, type ResolvedConfig } from '../../reconciler/manifest/config.ts';
import type { FileReading } from '../../reconciler/manifest/config-value.ts';
import { formatProblem } from '../../reconciler/model/problem.ts';
import { bytesOf } from './tree.ts';

interface Given {
  readonly text?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function resolve({ text, environment = {}, files = {} }: Given): ResolvedConfig {
  const draft = parseConfig('plimsoll.yaml', text === undefined ? null : bytesOf(text), environment);
  const readings = draft.files.map((path): readonly [string, FileReading] => [
    path,
    path in files ? { text: files[path]! } : { failure: 'there is no such file' },
  ]);
  return resolveConfig(draft, { environment, files: new Map(readings) });
}

function problemsOf(given: Given): readonly string[] {
  return resolve(given).problems.map(formatProblem);
}

const whole = `
installation: production
state_directory: /var/lib/plimsoll
log_level: debug
history: { keep: 30d, keep_at_least: 7 }
database: { url: "postgres://u:hunter2@db/x" }
engine: { host: "tcp://engine:2376", tls: { ca: { file: ca.pem }, cert: { file: cert.pem }, key: { file: key.pem } } }
sources:
  - name: main
    repository: https://github.com/acme/gitops.git
    ref: { tag: v1.4.2 }
    path: ./clusters/home/
    interval: 30s
    credentials: { token: { env: GIT_TOKEN }, username: bot }
  - { name: second, repository: "git@host:x.git", credentials: { ssh_key_path: /k, ssh_host_keys: accept_new } }
  - { name: third, repository: /srv/repo, ref: main, credentials: { username: a, password: { file: pw } } }
registries:
  docker_config: /root/.docker/config.json
  credentials: [{ registry: ghcr.io, username: bot, password: { env: GHCR } }]
defaults: { sync: { prune: false, max_prune: { services: 5 } }, drift: { mode: warn }, rollout: { min_healthy_time: 3s } }
policy: { allow: [privileged, docker_socket], host_paths: [/srv], capabilities: [NET_ADMIN], registries: [ghcr.io/acme] }
`;
const outside = {
  environment: { GIT_TOKEN: 'hunter2', GHCR: 'hunter2' },
  files: { 'ca.pem': 'CA\n', 'cert.pem': 'CERT\n', 'key.pem': 'KEY\n', pw: 'hunter2\n' },
};

test('the whole file is typed, its references followed, its secrets hidden', () => {
  const { config, problems } = resolve({ text: whole, ...outside });
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    installation: 'production',
    stateDirectory: '/var/lib/plimsoll',
    logLevel: 'debug',
    history: { keepMs: 2_592_000_000, keepAtLeast: 7 },
    engines: [{ name: 'default', host: 'tcp://engine:2376', tls: { ca: 'CA', cert: 'CERT', key: 'KEY' } }],
    sources: [
      {
        name: 'main',
        repository: 'https://github.com/acme/gitops.git',
        ref: 'refs/tags/v1.4.2',
        path: 'clusters/home',
        intervalMs: 30_000,
        credentials: { kind: 'token', username: 'bot' },
      },
      {
        name: 'second',
        ref: 'HEAD',
        path: '',
        intervalMs: 60_000,
        credentials: { kind: 'ssh', keyFile: '/k', hostKeys: 'acceptNew' },
      },
      { name: 'third', ref: 'main', credentials: { kind: 'basic', username: 'a' } },
    ],
    registries: {
      dockerConfig: '/root/.docker/config.json',
      credentials: [{ registry: 'ghcr.io', username: 'bot' }],
    },
    defaults: {
      sync: { automatic: true, prune: false, maxPrune: { services: 5, percent: 30 } },
      drift: { mode: 'warn' },
      rollout: { minHealthyTimeMs: 3_000, healthyDeadlineMs: 300_000 },
    },
    policy: {
      allow: ['privileged', 'docker_socket'],
      hostPaths: ['/srv'],
      capabilities: ['NET_ADMIN'],
      registries: ['ghcr.io/acme'],
    },
  });
  expect(JSON.stringify(config)).not.toContain('hunter2');
  expect(config?.databaseUrl?.reveal()).toBe('postgres://u:hunter2@db/x');
  const revealed = config!.sources.map(({ credentials }) => {
    if (credentials?.kind === 'token') return credentials.token.reveal();
    return credentials?.kind === 'basic' ? credentials.password.reveal() : null;
  });
  expect(revealed).toEqual(['hunter2', null, 'hunter2']);
});

test('the default engine is the one that is said, else called so, else the only one, else none', () => {
  const defaultOf = (text: string): string | null | undefined => resolve({ text }).config?.defaultEngine;
  const [a, b, named] = [
    '{ name: a }',
    '{ name: b, host: "unix:///b" }',
    '{ name: default, host: "unix:///d" }',
  ];
  expect(defaultOf(`engines: [${a}, ${b}]\ndefault_engine: b`)).toBe('b');
  expect(defaultOf(`engines: [${a}, ${named}]`)).toBe('default');
  expect(defaultOf(`engines: [${b}]`)).toBe('b');
  expect(defaultOf(`engines: [${a}, ${b}]`)).toBeNull();
  const { config } = resolve({
    text: `engines: [${a}, ${b}]\nsources: [{ name: s, repository: x, engines: [b] }, { name: t, repository: y }]`,
  });
  expect(config?.sources.map(({ engines }) => engines)).toEqual([['b'], null]);
});

const receivers = `
listen: ":8484"
trusted_proxies: [loopback, 10.0.0.0/8, "fd00::/8"]
sources: [{ name: main, repository: /x }]
receivers:
  - { name: forge, provider: github, secrets: [{ env: OLD }, { file: new }], sources: [main] }
  - { name: images, provider: registry, secrets: [{ env: OLD }], registry: "Registry.example.org:5000" }
`;

test('receivers are typed, their secrets hidden', () => {
  const { config, problems } = resolve({
    text: receivers,
    environment: { OLD: 'hunter2-hunter2-hunter2' },
    files: { new: 'hunter2-hunter2-hunter3\n' },
  });
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    listen: { host: '::', port: 8484 },
    trustedProxies: ['loopback', '10.0.0.0/8', 'fd00::/8'],
    receivers: [
      { name: 'forge', provider: 'github', sources: ['main'], registry: null },
      { name: 'images', provider: 'registry', sources: null, registry: 'registry.example.org:5000' },
    ],
  });
  expect(config?.receivers[0]?.secrets.map((secret) => secret.reveal())).toEqual([
    'hunter2-hunter2-hunter2',
    'hunter2-hunter2-hunter3',
  ]);
  expect(JSON.stringify(config)).not.toContain('hunter2');
});

test.each([
  ['127.0.0.1:8484', { host: '127.0.0.1', port: 8484 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['hooks.internal:8080', { host: 'hooks.internal', port: 8080 }],
  ['off', 'off'],
])('listen: %s, also from its variable', (text, listen) => {
  expect(resolve({ environment: { PLIMSOLL_LISTEN: text } }).config?.listen).toEqual(listen);
});

test('without a file everything has its default', () => {
  expect(resolve({}).config).toEqual({
    installation: 'default',
    stateDirectory: null,
    databaseUrl: null,
    queueUrl: null,
    logLevel: 'info',
    history: { keepMs: 7_776_000_000, keepAtLeast: 50 },
    sources: [],
    engines: [
      {
        name: 'default',
        host: null,
        tls: null,
        ssh: { keyFile: null, knownHostsFile: null, hostKeys: 'strict' },
      },
    ],
    forges: [],
    defaultEngine: 'default',
    registries: { credentials: [], dockerConfig: null },
    dashboard: { tokens: [] },
    defaults: {
      sync: { automatic: true, prune: true, pruneVolumes: false, maxPrune: { services: 3, percent: 30 } },
      rollout: {
        strategy: 'auto',
        minHealthyTimeMs: 10_000,
        healthyDeadlineMs: 300_000,
        progressDeadlineMs: 600_000,
        autoRevert: true,
      },
      drift: { mode: 'heal', fields: {}, onStop: 'heal', ignore: [] },
    },
    policy: { allow: [], hostPaths: [], capabilities: [], registries: null },
    listen: 'default',
    trustedProxies: [],
    receivers: [],
  });
});

describe('the queue', () => {
  test.each([
    'redis://:hunter2@cache.example.org:6379/1',
    'rediss://cache.example.org',
    'valkey://cache.example.org',
    'unix:///run/redis/redis.sock',
    'postgres://plimsoll@db.example.org/plimsoll',
  ])('is on %s', (url) => {
    const { config, problems } = resolve({ text: `queue: { url: "${url}" }` });
    expect(problems).toEqual([]);
    expect(config?.queueUrl?.reveal()).toBe(url);
    expect(JSON.stringify(config)).not.toContain(url);
  });

  test.each([
    ['amqp://broker', 'should be an address that begins with redis://'],
    ['redis://', 'should be an address that begins with redis://'],
    ['redis://user:pass/word@cache', 'is no address. Write special characters of a password as %XX.'],
  ])('is not on %s', (url, message) => {
    const { config, problems } = resolve({ text: `queue: { url: "${url}" }` });
    expect(config).toBeNull();
    expect(problems.map(formatProblem)).toEqual([expect.stringContaining(`queue.url: ${message}`)]);
  });

  test('is named by the variable that its users know, too', () => {
    const environment = { PLIMSOLL_REDIS_URL: 'redis://cache' };
    expect(resolve({ environment }).config?.queueUrl?.reveal()).toBe('redis://cache');
    const inFile = resolve({
      environment: { PLIMSOLL_REDIS_URL_FILE: '/run/redis-url' },
      files: { '/run/redis-url': 'redis://:secret@cache\n' },
    });
    expect(inFile.config?.queueUrl?.reveal()).toBe('redis://:secret@cache');
    const wrong = resolve({ environment: { PLIMSOLL_REDIS_URL: 'cache:6379' } });
    expect(wrong.problems[0]?.file).toBe('PLIMSOLL_REDIS_URL');
  });
});

describe('variables', () => {
  test('override the file, make what is missing, and are typed like the file', () => {
    const { config, problems } = resolve({
      text: 'installation: a\nsources: [{ name: main, repository: /x }]',
      environment: {
        PLIMSOLL_INSTALLATION: 'b',
        PLIMSOLL_DATABASE_URL: 'postgres://x/y',
        PLIMSOLL_STATE_DIRECTORY: '/state',
        PLIMSOLL_SOURCES_0_REF: 'next',
        PLIMSOLL_SOURCES_0_CREDENTIALS_TOKEN_FILE: '/run/token',
        PLIMSOLL_SOURCES_1_NAME: 'second',
        PLIMSOLL_SOURCES_1_REPOSITORY: '/y',
        PLIMSOLL_SOURCES_1_REF_TAG: 'v1',
        PLIMSOLL_DEFAULTS_SYNC_AUTOMATIC: 'false',
        PLIMSOLL_DEFAULTS_SYNC_MAX_PRUNE_SERVICES: '7',
        PLIMSOLL_POLICY_HOST_PATHS: '/srv, /data',
        PLIMSOLL_POLICY_ALLOW_0: 'privileged',
        PLIMSOLL_LOG_LEVEL: '',
      },
      files: { '/run/token': 'secret\n' },
    });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      installation: 'b',
      stateDirectory: '/state',
      logLevel: 'info',
      sources: [
        { name: 'main', ref: 'next', credentials: { kind: 'token' } },
        { name: 'second', repository: '/y', ref: 'refs/tags/v1' },
      ],
      defaults: { sync: { automatic: false, maxPrune: { services: 7 } } },
      policy: { hostPaths: ['/srv', '/data'], allow: ['privileged'] },
    });
  });

  test('that name nothing are told apart, since they may be somebody else’s', () => {
    const draft = parseConfig('plimsoll.yaml', null, {
      PLIMSOLL_CONFIG: 'x',
      PLIMSOLL_PORT: 'tcp://1',
      PLIMSOLL_DATABSE_URL: 'y',
      HOME: '/root',
    });
    expect(draft.unknownVariables).toEqual(['PLIMSOLL_DATABSE_URL', 'PLIMSOLL_PORT']);
  });

  test('are shown by their own name when they are wrong', () => {
    expect(
      problemsOf({
        environment: {
          PLIMSOLL_LOG_LEVEL: 'loud',
          PLIMSOLL_DATABASE_URL_FILE: '/none',
          PLIMSOLL_SOURCES_1_NAME: 'a',
          PLIMSOLL_SOURCES_1_REPOSITORY: 'b',
        },
      }),
    ).toEqual([
      'PLIMSOLL_DATABASE_URL_FILE:1:1 database.url: is taken from the file that PLIMSOLL_DATABASE_URL_FILE names, which could not be read: there is no such file.',
      'PLIMSOLL_LOG_LEVEL:1:1 log_level: should be one of "error", "warn", "info", "debug".',
      'plimsoll.yaml:1:1 sources[0]: is empty. Give it a map, such as { name: "main", repository: "https://github.com/acme/gitops.git" }, or remove the key.',
    ]);
  });
});

describe('what is refused', () => {
  test.each<readonly [string, readonly string[]]>([
    ['source: []', ['plimsoll.yaml:1:1 source: is not a known key; did you mean "sources"?']],
    [
      'receivers: [{ name: a, provider: github, secrets: [] }]',
      [
        'plimsoll.yaml:1:51 receivers[0].secrets: should be a list of one or two secrets, such as [{ file: "/run/secrets/webhook" }].',
      ],
    ],
    [
      'receivers: [{ name: a, provider: dockerhub, secrets: [""] }]',
      [
        'plimsoll.yaml:1:55 receivers[0].secrets[0]: should not be empty, such as { env: "GITHUB_WEBHOOK_SECRET" }.',
      ],
    ],
    [
      'receivers: [{ name: a, provider: githob, secrets: [sixteen-characters] }]',
      [
        'plimsoll.yaml:1:34 receivers[0].provider: should be one of "github", "gitlab", "gitea", "forgejo", "bitbucket", "generic", "registry", "dockerhub", "ghcr", "harbor"; did you mean "github"?',
      ],
    ],
    [
      'sources: [{ name: a }]',
      ['plimsoll.yaml:1:11 sources[0]: needs "repository", such as "https://github.com/acme/gitops.git".'],
    ],
    [
      'installation: Production',
      [
        'plimsoll.yaml:1:15 installation: should be lower case letters, digits, `-` and `_`, at most 63, beginning and ending with a letter or digit, such as "production".',
      ],
    ],
    [
      'log_level: { env: NONE }',
      [
        'plimsoll.yaml:1:12 log_level: takes its value from the environment variable NONE, which is not set. Set it, or write the value.',
      ],
    ],
    [
      'database: { url: { file: none } }',
      [
        'plimsoll.yaml:1:18 database.url: takes its value from the file none, which could not be read: there is no such file.',
      ],
    ],
    [
      'database: { url: { env: A, file: b } }',
      [
        'plimsoll.yaml:1:18 database.url: should be an address that begins with postgres://, such as "postgres://plimsoll@db.example.org/plimsoll".',
      ],
    ],
    [
      'database: { url: mysql://x }',
      [
        'plimsoll.yaml:1:18 database.url: should be an address that begins with postgres://, such as "postgres://plimsoll@db.example.org/plimsoll".',
      ],
    ],
    [
      'sources: [{ name: a, repository: x }, { name: a, repository: y }]',
      ['plimsoll.yaml:1:47 sources[1].name: is the name of sources[0] too. Rename one of them.'],
    ],
    [
      'sources: [{ name: a, repository: "https://u:hunter2@x/y" }]',
      [
        'plimsoll.yaml:1:34 sources[0].repository: has a user name or a password in it, and addresses are shown. Put them into `credentials`.',
      ],
    ],
    [
      'sources: [{ name: a, repository: x, ref: { branch: a, tag: b } }]',
      [
        'plimsoll.yaml:1:42 sources[0].ref: should be the name of a branch, or a map with one of branch, tag and commit, such as "main".',
      ],
    ],
    [
      'sources: [{ name: a, repository: x, ref: { commit: abc } }]',
      [
        'plimsoll.yaml:1:52 sources[0].ref.commit: should be a full commit id of 40 hexadecimal digits, such as "0123456789abcdef0123456789abcdef01234567".',
      ],
    ],
    [
      'sources: [{ name: a, repository: x, credentials: { password: y } }]',
      ['plimsoll.yaml:1:50 sources[0].credentials: needs "username" and "password", or "token".'],
    ],
    [
      'sources: [{ name: a, repository: x, credentials: { token: y, ssh_key_path: z } }]',
      [
        'plimsoll.yaml:1:50 sources[0].credentials: should be for https (token, or username and password) or for ssh, not for both.',
      ],
    ],
    [
      'sources: [{ name: a, repository: x, interval: 5 }]',
      ['plimsoll.yaml:1:47 sources[0].interval: should be a duration, such as "30s".'],
    ],
    [
      'sources: [{ name: a, repository: x, interval: 1ms }]',
      ['plimsoll.yaml:1:47 sources[0].interval: should be at least 1s.'],
    ],
    [
      'history: { keep: 5m, keep_at_least: 0 }',
      ['plimsoll.yaml:1:37 history.keep_at_least: should be at least 1.'],
    ],
    ['history: { keep: 5m }', ['plimsoll.yaml:1:18 history.keep: should be at least 1h, such as "90d".']],
    [
      'engine: { host: "ssh://u:hunter2@x" }',
      [
        'plimsoll.yaml:1:17 engine.host: should be unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST, such as "unix:///var/run/docker.sock".',
      ],
    ],
    [
      'engine: { host: "tcp://x:1", ssh: { key_path: k } }',
      ['plimsoll.yaml:1:35 engine.ssh: needs a `host` that begins with ssh:// beside it.'],
    ],
    [
      'engine: { host: "tcp://x:1", tls: { ca: x } }',
      [
        'plimsoll.yaml:1:35 engine.tls: needs all of "ca", "cert" and "key", such as ca: { file: "/etc/plimsoll/ca.pem" }.',
      ],
    ],
    [
      'engine: { host: "unix:///a" }\nengines: [{ name: a }]',
      [
        'plimsoll.yaml:1:9 engine: cannot stand beside `engines`. Make it an entry of that list, with a name.',
      ],
    ],
    [
      'engines: [{ name: a, host: "unix:///a" }, { name: a }, { name: b, host: "unix:///a" }, { name: c }]',
      [
        'plimsoll.yaml:1:51 engines[1].name: is the name of engines[0] too. Rename one of them.',
        'plimsoll.yaml:1:73 engines[2].host: has the address of another entry, engines[0]. One engine takes one name: remove one of them.',
        "plimsoll.yaml:1:88 engines[3].host: is this machine's own engine, as engines[1]. One engine takes one name: remove one of them.",
      ],
    ],
    [
      'engines: [{ name: berlin }, { name: paris, host: "unix:///p" }]\ndefault_engine: berln\nsources: [{ name: a, repository: x, engines: [rome] }]',
      [
        'plimsoll.yaml:2:17 default_engine: should be the name of an engine in `engines`; did you mean "berlin"?',
        'plimsoll.yaml:3:47 sources[0].engines[0]: should be the name of an engine in `engines`. There is berlin or paris.',
      ],
    ],
    [
      'policy: { allow: [everything] }',
      [expect.stringContaining('plimsoll.yaml:1:19 policy.allow[0]: should be one of "privileged"')],
    ],
    [
      'policy: { host_paths: [srv] }',
      ['plimsoll.yaml:1:24 policy.host_paths[0]: should be an absolute path, such as "/srv".'],
    ],
    [
      'a: 1\n---\nb: 2',
      [
        'plimsoll.yaml:3:1: is a second document. Put everything into one.',
        'plimsoll.yaml:1:1 a: is not a known key. `plimsoll schema config` lists all of them.',
      ].sort(),
    ],
    ['a: [', [expect.stringContaining('plimsoll.yaml:1:5: is not valid YAML')]],
    ['- a', ['plimsoll.yaml:1:1: should be a map.']],
  ])('%s', (text, problems) => {
    expect(problemsOf({ text })).toEqual(problems);
  });

  test('no message holds a secret', () => {
    const text =
      'sources: [{ name: a, repository: "https://hunter2@x", credentials: { token: [hunter2] } }]\ndatabase: { url: hunter2 }\nregistries: { credentials: [{ registry: x, username: y, password: { a: hunter2 } }] }';
    const problems = problemsOf({ text });
    expect(problems.length).toBeGreaterThan(2);
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});
