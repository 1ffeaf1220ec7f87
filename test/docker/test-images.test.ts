import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import type { TestImages } from '../support/images.ts';
import {
  registryLogin,
  startFaultyRegistry,
  startRegistry,
  type FaultyRegistry,
} from '../support/registry.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let engine: TestEngine;
let faulty: FaultyRegistry;
const images = inject('images');

beforeAll(async () => {
  engine = await startTestEngine(temporaryDirectory());
  faulty = await startFaultyRegistry({ address: inject('registryAddress'), close: () => Promise.resolve() });
});

afterAll(async () => {
  await faulty.close();
  await engine.close();
});

describe('the images of a run', () => {
  test('are not in the engine and can be pulled', async () => {
    expect(await engine.docker.listImages()).toEqual([]);
    await pull(engine.docker, images.web1);
    expect((await engine.docker.getImage(images.web1).inspect()).RepoDigests).toHaveLength(1);
  });

  test('web stops at once when it is asked to', async () => {
    const web = await start('web1', {});
    const before = performance.now();
    await web.stop();
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test('checked turns unhealthy when it falls sick', async () => {
    const checked = await start('checked', {});
    await waitForHealth(checked, 'healthy');
    const exec = await checked.exec({ Cmd: ['touch', '/tmp/sick'] });
    await exec.start({ Detach: true });
    await waitForHealth(checked, 'unhealthy');
  });

  test('slow becomes healthy later than it starts', async () => {
    const slow = await start('slow', { SLOW_SECONDS: '1' });
    expect((await slow.inspect()).State.Health?.Status).not.toBe('healthy');
    await waitForHealth(slow, 'healthy');
  });

  test('crash and job exit as they should', async () => {
    const crash = await start('crash', {});
    expect(await crash.wait()).toMatchObject({ StatusCode: 1 });
    const job = await start('job', { EXIT_CODE: '3' });
    expect(await job.wait()).toMatchObject({ StatusCode: 3 });
  });
});

describe('a registry that fails on demand', () => {
  test('answers 429 as often as told and then tells the truth', async () => {
    const name = images.web2.replace(inject('registryAddress'), faulty.address);
    faulty.fail({ status: 429, path: /manifests/ });
    await expect(pull(engine.docker, name)).rejects.toThrow(/toomanyrequests/i);
    faulty.fail(undefined);
    await pull(engine.docker, name);
    expect(faulty.requests.some((line) => line.includes('/manifests/'))).toBe(true);
  });

  test('with a login refuses strangers', async () => {
    const registry = await startRegistry({ directory: temporaryDirectory(), withLogin: true });
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`http://${registry.address}/v2/`, { headers });
    const { username, password } = registryLogin;
    const token = Buffer.from(`${username}:${password}`).toString('base64');
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: `Basic ${token}` })).status).toBe(200);
    await registry.close();
  });
});

async function start(
  image: keyof TestImages,
  environment: Record<string, string>,
): Promise<Docker.Container> {
  await pull(engine.docker, images[image]);
  const container = await engine.docker.createContainer({
    Image: images[image],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  });
  await container.start();
  return container;
}

async function pull(docker: Docker, name: string): Promise<void> {
  const stream = await docker.pull(name);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) =>
      error === null || error === undefined ? resolve() : reject(error),
    );
  });
}

async function waitForHealth(container: Docker.Container, wanted: string): Promise<void> {
  const events = (await engine.docker.getEvents({
    since: 0,
    filters: { container: [container.id], event: [`health_status: ${wanted}`] },
  })) as NodeJS.ReadableStream & { destroy(): void };
  await new Promise((resolve, reject) => events.once('data', resolve).once('error', reject));
  events.destroy();
}
