import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

test('each migration has a number of its own, without a gap', () => {
  const listed = execFileSync('git', ['ls-files', 'reconciler/store/sql'], { encoding: 'utf8' });
  const numbers = listed
    .trim()
    .split('\n')
    .filter(isPresent)
    .map((path) => Number(/(\d{4})_/.exec(path)?.[1]));
  expect(numbers.length).toBeGreaterThan(1);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

interface Room {
  /** Files whose path begins so belong to it; with a `*`, only those directly in that folder. */
  readonly paths: readonly string[];
  /** Rooms that it may import besides itself. */
  readonly rooms: readonly string[];
  /** Packages that it may import; a `*` ends a prefix. */
  readonly packages: readonly string[];
  /** Reads no clock, environment, randomness, files or network: time is an argument. */
  readonly isPure?: true;
}

/** The import table of the floor plan, reconciler/README.md. */
const floorPlan: Readonly<Record<string, Room>> = {
  model: { paths: ['reconciler/model/'], rooms: [], packages: [], isPure: true },
  manifest: {
    paths: ['reconciler/manifest/'],
    rooms: ['model', 'schemas'],
    packages: ['yaml', 'ajv', 'ajv/*', 'node:crypto'],
    isPure: true,
  },
  plan: { paths: ['reconciler/plan/'], rooms: ['model'], packages: [], isPure: true },
  git: first('git', ['isomorphic-git', 'isomorphic-git/*']),
  docker: first('docker', ['dockerode', 'tar-stream']),
  store: first('store', ['postgres']),
  queue: first('queue', ['bullmq', 'ioredis', 'pg']),
  forge: first('forge', ['octokit', '@octokit/*']),
  notify: first('notify', ['nodemailer']),
  secrets: first('secrets', ['age-encryption']),
  backup: first('backup', ['s3mini', 'pg']),
  proxy: first('proxy', []),
  dns: first('dns', []),
  sync: {
    paths: ['reconciler/sync/'],
    rooms: ['model', 'manifest', 'plan'],
    packages: [],
    isPure: true,
  },
  control: { paths: ['reconciler/control/'], rooms: ['model', 'sync', 'plan'], packages: ['node:*'] },
  terminal: {
    paths: ['reconciler/terminal/'],
    rooms: ['model', 'plan', 'control'],
    packages: ['node:*'],
  },
  schemas: { paths: ['schemas/'], rooms: [], packages: ['json-schema-to-typescript', 'node:*'] },
  webhook: {
    paths: ['webhook/'],
    rooms: ['model', 'sync', 'schemas'],
    packages: ['fastify', '@fastify/*', '@octokit/webhooks', 'node:*'],
  },
  dashboardServer: {
    paths: ['dashboard/server/'],
    rooms: ['model', 'sync', 'schemas'],
    packages: ['fastify', '@fastify/*', 'ajv', 'prom-client', 'node:*'],
  },
  dashboardBuild: { paths: ['dashboard/*'], rooms: [], packages: ['vite', 'vite-plugin-solid', 'node:*'] },
  dashboardWeb: {
    paths: ['dashboard/web/'],
    rooms: ['model'],
    packages: [
      'solid-js',
      'solid-js/*',
      '@solidjs/*',
      '@kobalte/*',
      '@tanstack/*',
      'uplot',
      'lucide-solid/*',
      'diff',
    ],
  },
  main: {
    paths: ['reconciler/*', 'reconciler/cli/', 'reconciler/doctor/'],
    rooms: ['*'],
    packages: ['*'],
  },
};

/** A room of the first floor: its own vendors, the machine, and none of its neighbours. */
function first(name: string, packages: readonly string[]): Room {
  return { paths: [`reconciler/${name}/`], rooms: ['model'], packages: [...packages, 'node:*'] };
}

const topLevel = new Set([
  'package.json',
  'reconciler',
  'webhook',
  'dashboard',
  'schemas',
  'catalog',
  'examples',
  'test',
  'README.md',
  'docs',
  'LICENSE',
  'package-lock.json',
  'knip.json',
  'tsconfig.json',
  'vitest.config.ts',
]);

const impurities = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bMath\.random\b/,
  /\bperformance\.now\b/,
  /(?<![.\w])process\./,
  /(?<![.\w])(setTimeout|setInterval|setImmediate|fetch)\(/,
  /(?<![.\w])(console|globalThis|crypto)\./,
];

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  {
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')
  .filter(isPresent);
const sources = files
  .filter((path) => /^(reconciler|webhook|dashboard|schemas)\/.*\.(ts|tsx|js)$/.test(path))
  .map((path) => ({ path, room: roomOf(path), code: withoutComments(readFileSync(path, 'utf8')) }));

describe('the floor plan', () => {
  test('has sources to look at in every room that stands', () => {
    expect(sources.length).toBeGreaterThan(40);
    for (const room of ['model', 'manifest', 'plan', 'git', 'docker', 'store', 'sync', 'schemas', 'main']) {
      expect(sources.filter((source) => source.room === room).length, room).toBeGreaterThan(0);
    }
    expect(sources.flatMap(({ code }) => importsOf(code)).length).toBeGreaterThan(100);
  });

  test('has a room for every source file', () => {
    expect(sources.filter(({ room }) => room === undefined).map(({ path }) => path)).toEqual([]);
  });

  test('lets a room import only what its line in the table allows', () => {
    const broken = sources.flatMap(({ path, room, code }) =>
      importsOf(code)
        .filter((specifier) => !mayImport({ path, room, specifier }))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(broken).toEqual([]);
  });

  test('keeps clocks, randomness, the environment and the network out of the pure rooms', () => {
    const pure = sources.filter(({ room }) => room !== undefined && floorPlan[room]?.isPure === true);
    const impure = pure.flatMap(({ path, code }) =>
      impurities.filter((pattern) => pattern.test(code)).map((pattern) => `${path} matches ${pattern}`),
    );
    expect(pure.length).toBeGreaterThan(20);
    expect(impure).toEqual([]);
  });

  test('spells a label key in docker/labels.ts only; the model knows no more than the reserved prefix', () => {
    const spells = /dev\.plimsoll\.|\$\{reservedLabelPrefix\}/;
    const spellers = sources.filter(({ code }) => spells.test(code)).map(({ path }) => path);
    expect(spellers.toSorted()).toEqual(['reconciler/docker/labels.ts', 'reconciler/model/ids.ts']);
    expect(readFileSync('reconciler/model/ids.ts', 'utf8')).not.toMatch(/dev\.plimsoll\.[a-z]/);
  });

  test('holds nothing else at the top', () => {
    const entries = new Set(files.map((path) => path.split('/')[0] ?? ''));
    expect([...entries].filter((name) => !name.startsWith('.') && !topLevel.has(name))).toEqual([]);
  });

  test('numbers the migrations of the store one after the other', () => {
    const numbers = files
      .map((path) => /^reconciler\/store\/sql\/([0-9]{4})_[a-z_]+\.sql$/.exec(path)?.[1])
      .filter((number) => number !== undefined)
      .sort();
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1).padStart(4, '0')));
  });

  test('has no drawer for odds and ends', () => {
    const drawers = /(^|\/)(utils?|helpers?|common|managers?|misc|types|index)(\/|\.(ts|tsx|js)$)/;
    expect(sources.map(({ path }) => path).filter((path) => drawers.test(path))).toEqual([]);
  });
});

describe('the check of the floor plan', () => {
  test('sees each way to import', () => {
    const code = `import a from 'a';\nimport type { B } from "b";\nimport 'c';\nawait import('d');\nexport * from 'e';
import {\n  f,\n} from 'f';\ntype G = import('g').G;`;
    expect(importsOf(code).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test.each([
    ['reconciler/plan/diff.ts', '../model/plan.ts', true],
    ['reconciler/plan/diff.ts', './order.ts', true],
    ['reconciler/plan/diff.ts', '../docker/labels.ts', false],
    ['reconciler/plan/diff.ts', 'node:fs', false],
    ['reconciler/docker/apply.ts', '../git/source.ts', false],
    ['reconciler/docker/apply.ts', 'postgres', false],
    ['reconciler/docker/apply.ts', 'node:fs', true],
    ['reconciler/sync/sync.ts', '../main.ts', false],
    ['reconciler/manifest/parse.ts', '../../schemas/service.schema.json', true],
    ['reconciler/cli/plan.ts', '../main.ts', true],
    ['reconciler/model/ids.ts', 'node:crypto', false],
  ])('%s may import %s: %s', (path, specifier, allowed) => {
    expect(mayImport({ path, room: roomOf(path), specifier })).toBe(allowed);
  });

  test('does not take a comment for code', () => {
    expect(withoutComments(`// Date.now()\nx; /* import 'a' */ y; 'http://z'`)).toBe(`\nx;  y; 'http://z'`);
  });
});

interface Import {
  readonly path: string;
  readonly room: string | undefined;
  readonly specifier: string;
}

function mayImport({ path, room: name, specifier }: Import): boolean {
  const room = name === undefined ? undefined : floorPlan[name];
  if (room === undefined) return false;
  if (!specifier.startsWith('.')) return room.packages.some((allowed) => matches(allowed, specifier));
  const target = roomOf(normalize(join(dirname(path), specifier)));
  if (target === undefined) return false;
  return target === name || (target !== 'main' && room.rooms.some((allowed) => matches(allowed, target)));
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function roomOf(path: string): string | undefined {
  const rooms = Object.entries(floorPlan);
  return rooms.find(([, { paths }]) => paths.some((place) => isIn(place, path)))?.[0];
}

function isIn(place: string, path: string): boolean {
  return place.endsWith('/*') ? dirname(path) === place.slice(0, -2) : path.startsWith(place);
}

function importsOf(code: string): string[] {
  const specifiers = code.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g);
  return [...specifiers].map(([, , specifier = '']) => specifier);
}

/** Strings are kept whole, so that a URL in one does not begin a comment. */
function withoutComments(code: string): string {
  const tokens = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return code.replaceAll(tokens, (_, text: string | undefined) => text ?? '');
}

/** `git ls-files` also names what was removed and not yet committed. */
function isPresent(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
