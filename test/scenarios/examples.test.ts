import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { exampleFiles, moveHostPort } from '../support/example.ts';
import { exec } from '../support/exec.ts';
import { watchHealth } from '../support/health-watch.ts';
import { logsOf } from '../support/logs.ts';
import { until } from '../support/until.ts';

let docker: Docker;
let fleet: Deployment;

beforeAll(async () => {
  fleet = await createDeployment();
  ({ docker } = fleet);
  await makeStandInImage(docker, 'busybox:1.36', { say: () => undefined });
});

afterAll(() => fleet.close());

describe('quickstart', () => {
  const files = exampleFiles('quickstart');
  let url: string;

  test('serves the page of the commit, and is visited', async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    fleet.commit(moveHostPort(files, { from: 8088, to: port }));
    expect(await fleet.sync()).toEqual({ hello: 'succeeded' });
    const page = await (await fetch(url)).text();
    expect(page).toBe(files['stacks/hello/page/index.html']);
    await until('both visitors have seen the page', async () => {
      const logs = await Promise.all([1, 2].map((number) => logsOf(docker, `hello-visitor-${number}`)));
      return logs.every((text) => text.includes('Hello from a commit'));
    });
    expect((await fleet.plan('hello')).steps).toEqual([]);
  });

  test('runs as its manifests say, field by field', async () => {
    const web = await fleet.inspect('hello-web-1');
    expect(web.Config).toMatchObject({
      Image: 'busybox:1.36',
      Cmd: ['httpd', '-f', '-p', '80', '-h', '/site'],
      Healthcheck: {
        Test: ['CMD', 'wget', '-qO', '/dev/null', 'http://localhost/'],
        Interval: 500_000_000,
        Timeout: 2_000_000_000,
      },
    });
    expect(web.HostConfig).toMatchObject({
      Init: true,
      NetworkMode: 'hello_default',
      PortBindings: { '80/tcp': [{ HostPort: new URL(url).port }] },
      RestartPolicy: { Name: 'unless-stopped' },
    });
    expect(web.NetworkSettings.Networks['hello_default']?.Aliases).toContain('web');
    expect(await exec(docker, 'hello-web-1', ['stat', '-c', '%a %u:%g', '/site/index.html'])).toBe('444 0:0');
  });

  test('a change of the page is a new page', async () => {
    fleet.commit({ 'stacks/hello/page/index.html': '<h1>Changed</h1>\n' });
    expect(await fleet.sync()).toEqual({ hello: 'succeeded' });
    expect(await (await fetch(url)).text()).toBe('<h1>Changed</h1>\n');
  });

  test('a typo is told with its place, and changes nothing', async () => {
    const before = await fleet.processes('hello');
    const broken = files['stacks/hello/visitor.yaml']!.replace('replicas:', 'replica:');
    fleet.commit({ 'stacks/hello/visitor.yaml': broken });
    expect(await fleet.sync()).toEqual({ hello: 'invalid' });
    const [attempt] = await fleet.history('hello');
    const line = broken.split('\n').findIndex((text) => text.includes('replica:')) + 1;
    expect(attempt?.problems).toMatchObject([
      { file: 'stacks/hello/visitor.yaml', line, path: 'spec.replica' },
    ]);
    expect(attempt?.problems[0]?.message).toContain('replicas');
    expect(await fleet.processes('hello')).toEqual(before);
  });
});

describe('three-tier', () => {
  const files = exampleFiles('three-tier');
  let url: string;

  test('a request passes through all three tiers and reads what the migration wrote', async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/`;
    fleet.commit(moveHostPort(files, { from: 8089, to: port }), { replaceAll: true });
    const outcomes = await fleet.sync();
    expect(outcomes, fleet.story()).toMatchObject({ shop: 'succeeded' });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('["Commit, and it is deployed.","Revert, and it is as before."]');
    expect(await exec(docker, 'shop-db-1', ['cat', '/var/lib/db/schema'])).toBe('1\n2');
    expect((await fleet.plan('shop')).steps).toEqual([]);
  });

  test('runs as its manifests say: networks, volume, order, and a job that ended', async () => {
    const [web, api, db, migrate] = await Promise.all(
      ['web', 'api', 'db', 'migrate'].map((name) => fleet.inspect(`shop-${name}-1`)),
    );
    const networksOf = (of: typeof web): string[] => Object.keys(of!.NetworkSettings.Networks).sort();
    expect([web, api, db, migrate].map(networksOf)).toEqual([
      ['shop_front'],
      ['shop_back', 'shop_front'],
      ['shop_back'],
      ['shop_back'],
    ]);
    expect((await docker.getNetwork('shop_back').inspect()).Internal).toBe(true);
    expect(db!.Mounts).toMatchObject([
      { Type: 'volume', Name: 'shop_data', Destination: '/var/lib/db', RW: true },
    ]);
    expect(migrate!.State).toMatchObject({ Status: 'exited', ExitCode: 0 });
    const order = [
      db!.State.StartedAt,
      // Of a process that ends at once the engine may note the start after the end.
      migrate!.State.FinishedAt,
      api!.State.StartedAt,
      web!.State.StartedAt,
    ];
    expect(order).toEqual(order.toSorted());
    expect(await fleet.containers('shop')).toHaveLength(5);
  });

  test('the front cannot reach the database', async () => {
    const ask = ['timeout', '2', 'wget', '-qO-', 'http://db:5432/ready.txt'];
    await expect(exec(docker, 'shop-web-1', ask)).rejects.toThrow('bad address');
    expect(await exec(docker, 'shop-api-1', ask)).toBe('ready');
  });

  test('another migration runs once, on the data that is there', async () => {
    const migrations = `${files['stacks/shop/migrate/migrations.txt']}3|notes|Add, and it is there.\n`;
    const db = await fleet.inspect('shop-db-1');
    fleet.commit({ 'stacks/shop/migrate/migrations.txt': migrations });
    const outcomes = await fleet.sync();
    expect(outcomes, fleet.story()).toEqual({ shop: 'succeeded' });
    const page = await (await fetch(url)).text();
    expect(page).toContain(
      '["Commit, and it is deployed.","Revert, and it is as before.","Add, and it is there."]',
    );
    expect((await fleet.inspect('shop-db-1')).Id).toBe(db.Id);
    expect((await fleet.plan('shop')).steps).toEqual([]);
  });
});

describe('replicas', () => {
  const files = exampleFiles('replicas');

  test('ten of them answer, and ten newcomers take their places without a failed request', async () => {
    fleet.commit(files, { replaceAll: true });
    expect(await fleet.sync()).toMatchObject({ crowd: 'succeeded' });
    expect((await fleet.plan('crowd')).steps).toEqual([]);
    await until('the client has its first answers', async () => (await answersOfClient()).length > 3);

    const health = await watchHealth(docker, 'crowd-web');
    try {
      const manifest = files['stacks/crowd/web.yaml']!.replace('RELEASE: "1"', 'RELEASE: "2"');
      fleet.commit({ 'stacks/crowd/web.yaml': manifest });
      expect(await fleet.sync()).toMatchObject({ crowd: 'succeeded' });
      expect((await health.until(10)).least).toBeGreaterThanOrEqual(10);
    } finally {
      health.close();
    }
    await until('the client has seen the newcomers', async () =>
      (await answersOfClient()).at(-1)?.startsWith('release 2'),
    );
    const answers = await answersOfClient();
    expect(answers).not.toContain('FAILED');
    expect(answers[0]).toMatch(/^release 1 from [0-9a-f]{12}$/);
    const ports = (await fleet.containers('crowd')).flatMap(
      ({ NetworkSettings }) => NetworkSettings.Ports['80/tcp'] ?? [],
    );
    expect(new Set(ports.map(({ HostPort }) => HostPort)).size).toBeGreaterThanOrEqual(10);
    expect((await fleet.plan('crowd')).steps).toEqual([]);
  });

  async function answersOfClient(): Promise<readonly string[]> {
    return (await logsOf(docker, 'crowd-client-1')).split('\n').filter((line) => line !== '');
  }
});

describe('compose', () => {
  test('a Compose project is a stack as it stands', async () => {
    const port = await freePort();
    const files = moveHostPort(exampleFiles('compose'), { from: 8087, to: port });
    fleet.commit(files, { replaceAll: true });
    expect(await fleet.sync()).toMatchObject({ blog: 'succeeded' });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(
      '<h1>A blog from a Compose file</h1>\n',
    );
    const blog = await fleet.inspect('blog-blog-1');
    expect(blog.Config).toMatchObject({ Cmd: ['httpd', '-f', '-p', '80', '-h', '/site'] });
    expect(blog.Config.Env).toEqual(expect.arrayContaining(['TITLE=A blog', 'THEME=plain']));
    expect(blog.Mounts).toMatchObject([
      { Type: 'volume', Name: 'blog_content', Destination: '/var/lib/blog' },
    ]);
    const cache = await fleet.inspect('blog-cache-2');
    expect(cache.HostConfig.Memory).toBe(32 * 1024 * 1024);
    expect(cache.State.Health?.Status).toBe('healthy');
    expect((await fleet.plan('blog')).steps).toEqual([]);
  });
});
