import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary.ts';
import {
  closeLater,
  codeOf,
  contentsOf,
  filesBelow,
  follow,
  listFiles,
  listTree,
  never,
  pollAndRead,
  serve,
} from './following.ts';
import { startPackProxy } from './pack-proxy.ts';

/** One way in which a process or a disk can leave the current generation behind. */
interface Leftover {
  readonly name: string;
  readonly leave: (gitdir: string) => void;
}

const leftovers: readonly Leftover[] = [
  {
    name: 'a half-written pack',
    leave: (at) => writeFileSync(join(at, 'objects/pack/pack-1.pack.tmp-abc'), 'PACK'),
  },
  {
    name: 'a pack without an index',
    leave: (at) => writeFileSync(join(at, `objects/pack/pack-${'a'.repeat(40)}.pack`), 'PACK'),
  },
  {
    name: "git's own temporary pack and locks",
    leave: (at) => {
      writeFileSync(join(at, 'objects/pack/tmp_pack_x'), 'PACK');
      writeFileSync(join(at, 'shallow.lock'), '');
      writeFileSync(join(at, 'refs/heads/followed.lock'), '');
    },
  },
  { name: 'an index cut short', leave: (at) => truncateSync(find(at, '.idx'), 100) },
  { name: 'an empty index', leave: (at) => truncateSync(find(at, '.idx'), 0) },
  { name: 'a pack cut short', leave: (at) => truncateSync(find(at, '.pack'), 50) },
  { name: 'a pack that is gone', leave: (at) => rmSync(find(at, '.pack')) },
  { name: 'no objects at all', leave: (at) => rmSync(join(at, 'objects'), { recursive: true }) },
  { name: 'an empty ref', leave: (at) => writeFileSync(join(at, 'refs/heads/followed'), '') },
  {
    name: 'a ref to a commit that never came',
    leave: (at) => writeFileSync(join(at, 'refs/heads/followed'), `${'b'.repeat(40)}\n`),
  },
  { name: 'no shallow file', leave: (at) => rmSync(join(at, 'shallow'), { force: true }) },
  { name: 'a shallow file of nonsense', leave: (at) => writeFileSync(join(at, 'shallow'), 'nonsense\n') },
  { name: 'no config', leave: (at) => rmSync(join(at, 'config')) },
  {
    name: 'a pointer of nonsense',
    leave: (at) => writeFileSync(join(at, '../current'), '../../etc nonsense'),
  },
  { name: 'an empty pointer', leave: (at) => writeFileSync(join(at, '../current'), '') },
  {
    name: 'a generation that was never adopted',
    leave: (at) => cpSync(at, join(at, '../g-0123456789abcdef'), { recursive: true }),
  },
  {
    name: 'the lock of a process that died',
    leave: (at) => writeFileSync(join(at, '../lock-7'), '999999999 1'),
  },
  { name: 'an empty lock', leave: (at) => writeFileSync(join(at, '../lock-7'), '') },
  {
    name: 'the private generation of a process that died',
    leave: (at) => mkdirSync(join(at, '../p-999999999-abcd')),
  },
];

test.each(leftovers)(
  'after $name, the old commit and the next one are read, and nothing stays behind',
  async ({ leave }) => {
    const { repository, server } = await serve();
    repository.commit({ 'stacks/shop/db.yaml': 'image: db:1\n' });
    const cacheDirectory = temporaryDirectory();
    const before = follow(server.url, { cacheDirectory });
    const old = await pollAndRead(before);
    await before.close();
    leave(currentGeneration(cacheDirectory));

    const after = follow(server.url, { cacheDirectory });
    expect(listFiles(await pollAndRead(after))).toEqual(listTree(repository, old.commit.revision));
    repository.commit({ 'stacks/shop/db.yaml': 'image: db:2\n' });
    const snapshot = await pollAndRead(after);
    expect(await contentsOf(snapshot)).toMatchObject({
      'stacks/shop/db.yaml': 'image: db:2\n',
      'README.md': 'hello\n',
    });
    await after.close();
    expectTidy(cacheDirectory);
  },
);

test('after two hundred packs the cache is replaced by a fresh copy', async () => {
  const { repository, server } = await serve();
  const cacheDirectory = temporaryDirectory();
  const source = follow(server.url, { cacheDirectory });
  const old = await pollAndRead(source);
  const grown = currentGeneration(cacheDirectory);
  const [pack, index] = [find(grown, '.pack'), find(grown, '.idx')];
  for (let copy = 0; copy < 199; copy += 1) {
    cpSync(pack, pack.replace(/[0-9a-f]{3}\.pack/, `${copy}.pack`));
    cpSync(index, index.replace(/[0-9a-f]{3}\.idx/, `${copy}.idx`));
  }
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  const snapshot = await pollAndRead(source);
  expect(listFiles(snapshot)).toEqual(listTree(repository, 'main'));
  const fresh = currentGeneration(cacheDirectory);
  expect(fresh).not.toBe(grown);
  expect(readdirSync(join(fresh, 'objects/pack')).filter((name) => name.endsWith('.pack'))).toHaveLength(1);
  expect(await contentsOf(old)).toHaveProperty(['stacks/shop/web.yaml'], 'image: web:1\n');
});

test('two sources with one cache directory both read, and the second leaves no trace', async () => {
  const { repository, server } = await serve();
  const cacheDirectory = temporaryDirectory();
  const first = follow(server.url, { cacheDirectory });
  const second = follow(server.url, { cacheDirectory });
  await pollAndRead(first);
  const files = filesBelow(cacheDirectory);
  expect(listFiles(await pollAndRead(second))).toEqual(listTree(repository, 'main'));
  repository.commit({ 'stacks/shop/web.yaml': 'image: web:2\n' });
  const [left, right] = await Promise.all([pollAndRead(first), pollAndRead(second)]);
  expect(listFiles(left)).toEqual(listFiles(right));
  await second.close();
  expect(filesBelow(cacheDirectory).filter((path) => !path.includes('/g-'))).toEqual(
    files.filter((path) => !path.includes('/g-')),
  );
  await first.close();
  expectTidy(cacheDirectory);
});

test('a cache that another living process holds is left alone', async () => {
  const { server } = await serve();
  const cacheDirectory = temporaryDirectory();
  const child = spawn('sleep', ['60']);
  closeLater({ close: async () => void child.kill() });
  await once(child, 'spawn');
  const start = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
  mkdirSync(join(cacheDirectory, 'shop'));
  writeFileSync(join(cacheDirectory, 'shop/lock-1'), `${child.pid} ${start}`);
  const source = follow(server.url, { cacheDirectory });
  await pollAndRead(source);
  await source.close();
  expect(filesBelow(cacheDirectory)).toEqual(['shop/lock-1']);
});

test('another repository under the same name starts from nothing', async () => {
  const one = await serve();
  const other = await serve();
  const cacheDirectory = temporaryDirectory();
  const first = follow(one.server.url, { cacheDirectory });
  await pollAndRead(first);
  const generation = currentGeneration(cacheDirectory);
  await first.close();
  const second = follow(other.server.url, { cacheDirectory });
  expect(listFiles(await pollAndRead(second))).toEqual(listTree(other.repository, 'main'));
  expect(currentGeneration(cacheDirectory)).not.toBe(generation);
  await second.close();
  expectTidy(cacheDirectory);
});

test('a cache directory that is a file is a condition with a remedy', async () => {
  const { server } = await serve();
  const cacheDirectory = join(temporaryDirectory(), 'file');
  writeFileSync(cacheDirectory, '');
  expect(await codeOf(pollAndRead(follow(server.url, { cacheDirectory })))).toBe('StateDirectoryUnwritable');
});

test.each([0, 1, 2, 4, 6, 7, 8])(
  'a process killed with -9 after %i eighths of a pack leaves a cache that the next one reads',
  async (eighths) => {
    const { repository, server } = await serve();
    repository.commit({ 'large.txt': numbers(3000, 7919) });
    const proxy = closeLater(await startPackProxy(server.url));
    const cacheDirectory = temporaryDirectory();
    const first = follow(proxy.url, { cacheDirectory });
    const { commit } = await pollAndRead(first);
    await first.close();
    repository.commit({ 'large.txt': numbers(9000, 6271) });

    const arrived = proxy.holdPackAfter(eighths);
    const child = startReading(proxy.url, cacheDirectory);
    const ended = once(child, 'exit');
    await Promise.race([arrived, ended]);
    child.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');

    proxy.letThrough();
    const again = follow(proxy.url, { cacheDirectory });
    const before = server.requests.length;
    expect((await again.read(commit.revision, never)).commit).toEqual(commit);
    expect(server.requests).toHaveLength(before);
    expect(listFiles(await pollAndRead(again))).toEqual(listTree(repository, 'main'));
    await again.close();
    expectTidy(cacheDirectory);
  },
);

test.each([1, 2, 3, 4, 5, 6, 8, 10])(
  'a process killed with -9 at change %i among the packs leaves a cache that the next one reads',
  async (change) => {
    const { repository, server } = await serve();
    const cacheDirectory = temporaryDirectory();
    const first = follow(server.url, { cacheDirectory });
    const { commit } = await pollAndRead(first);
    await first.close();
    repository.commit({ 'large.txt': numbers(9000, 6271) });

    const watcher = watch(join(currentGeneration(cacheDirectory), 'objects/pack'));
    const child = startReading(server.url, cacheDirectory);
    const ended = once(child, 'exit');
    let changes = 0;
    watcher.on('change', () => (changes += 1) === change && child.kill('SIGKILL'));
    await ended;
    watcher.close();
    expect(changes).toBeGreaterThan(0);

    const again = follow(server.url, { cacheDirectory });
    expect((await again.read(commit.revision, never)).commit).toEqual(commit);
    expect(listFiles(await pollAndRead(again))).toEqual(listTree(repository, 'main'));
    await again.close();
    expectTidy(cacheDirectory);
  },
);

test.each([
  ['full', 'size=1m', 'DiskFull'],
  ['read-only', 'ro', 'StateDirectoryUnwritable'],
])('a %s disk is a condition with a remedy', async (_disk, options, code) => {
  const { repository, server } = await serve();
  repository.commit({ 'large.bin': randomBytes(3_000_000) });
  const directory = temporaryDirectory();
  // A mount that only the child sees, so that it needs no rights and leaves nothing mounted.
  const mountAndRun = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`;
  const reading = [process.execPath, '--import', 'tsx', readOnce, server.url, directory];
  const child = spawn(
    'unshare',
    ['--user', '--map-root-user', '--mount', 'sh', '-c', mountAndRun, directory, ...reading],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  expect((await text(child.stdout)).trim()).toBe(code);
});

const readOnce = join(import.meta.dirname, 'read-once.ts');

function startReading(url: string, cacheDirectory: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', readOnce, url, cacheDirectory], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The generation that the pointer names. */
function currentGeneration(cacheDirectory: string): string {
  const [name = ''] = readFileSync(join(cacheDirectory, 'shop/current'), 'utf8').split(' ');
  return join(cacheDirectory, 'shop', name);
}

function find(gitdir: string, suffix: string): string {
  const file = filesBelow(gitdir).find((path) => path.endsWith(suffix));
  if (file === undefined) throw new Error(`no ${suffix} below ${gitdir}`);
  return join(gitdir, file);
}

/** Of a closed cache: the current generation, at most the one before, the pointer, and no half-done thing. */
function expectTidy(cacheDirectory: string): void {
  const names = readdirSync(join(cacheDirectory, 'shop'));
  expect(names.filter((name) => !name.startsWith('g-'))).toEqual([
    'current',
    expect.stringMatching(/^lock-\d+$/),
  ]);
  expect(
    readFileSync(join(cacheDirectory, 'shop', names.find((name) => name.startsWith('lock-')) ?? ''), 'utf8'),
  ).toBe('free');
  expect(names.filter((name) => name.startsWith('g-')).length).toBeLessThanOrEqual(2);
  const current = currentGeneration(cacheDirectory);
  expect(filesBelow(current).filter((path) => /tmp|\.lock$/.test(path))).toEqual([]);
}

function numbers(lines: number, factor: number): string {
  return Array.from({ length: lines }, (_unused, line) => `${line * factor}\n`).join('');
}
