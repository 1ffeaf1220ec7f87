import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/temporary.ts';

let engine: TestEngine;
const lines: string[] = [];
const say = (line: string): void => void lines.push(line);

beforeAll(async () => (engine = await startTestEngine(temporaryDirectory())));
afterAll(() => engine.close());

describe('a stand-in image', () => {
  test.each([
    ['nginx', 'nginx:latest'],
    ['nginx:1.29-alpine', 'nginx:1.29-alpine'],
    ['localhost:5000/shop/web', 'localhost:5000/shop/web:latest'],
    ['localhost:5000/shop/web:2', 'localhost:5000/shop/web:2'],
  ])('of %s is found as %s', async (name, tag) => {
    const id = await makeStandInImage(engine.docker, name, { say });
    const image = await engine.docker.getImage(tag).inspect();
    expect(image).toMatchObject({ Id: id, Config: { Cmd: ['/bin/serve'] } });
    expect(image.RepoTags).toContain(tag);
  });

  test('serves a page that names it, and has what a health check needs', async () => {
    await makeStandInImage(engine.docker, 'nginx:1', { say });
    const output = await run('nginx:1', 'serve & sleep 0.3; wget -qO- http://localhost/ && id -un nobody');
    expect(output).toBe('A stand-in for nginx:1\r\nnobody\r\n');
  });

  test('takes its own files and configuration', async () => {
    const changes = ['CMD ["/bin/hello"]', 'ENV NAME=Ada', 'HEALTHCHECK CMD true'];
    const files = { 'bin/hello': '#!/bin/sh\necho hello $NAME\n' };
    await makeStandInImage(engine.docker, 'hello', { changes, files, say });
    expect(await run('hello')).toBe('hello Ada\r\n');
    expect((await engine.docker.getImage('hello').inspect()).Config.Healthcheck?.Test).toEqual([
      'CMD-SHELL',
      'true',
    ]);
  });

  test('cannot have a digest, nor a name that Docker refuses', async () => {
    const digest = `nginx@sha256:${'0'.repeat(64)}`;
    await expect(makeStandInImage(engine.docker, digest, { say })).rejects.toMatchObject({
      code: 'ImageNotFound',
    });
    await expect(makeStandInImage(engine.docker, 'NGINX', { say })).rejects.toThrow(/lowercase/);
  });
});

test('an ordinary user is told exactly what to run as root', () => {
  const program = `import { installDocker } from './reconciler/docker/install.ts';
process.setuid(65534);
await installDocker(console.log).catch((error) => console.log(error.code, error.message));`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stdout).toBe(
    'EngineUnreachable Missing: docker.io, iproute2, iptables. ' +
      'Run as root: apt-get update && apt-get install -y docker.io iproute2 iptables\n',
  );
});

/** What the container wrote until it ended. */
async function run(image: string, command?: string): Promise<string> {
  const container = await engine.docker.createContainer({
    Image: image,
    Tty: true,
    ...(command !== undefined && { Cmd: ['sh', '-c', command] }),
  });
  await container.start();
  await container.wait();
  const log = await container.logs({ stdout: true });
  return log.toString();
}
