import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { plimsoll, startPlimsoll, type Answer } from '../cli/plimsoll.ts';
import { services } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const installation = `hand-${process.pid}`;
const stack = `hand${process.pid}`;
const directory = temporaryDirectory();
const repository = createRepository();
const docker = new Docker({ socketPath: inject('engine').socketPath });
const images = inject('images');

const environment = {
  DOCKER_HOST: `unix://${inject('engine').socketPath}`,
  PLIMSOLL_INSTALLATION: installation,
};

/** As a person would, in a directory with nothing but a plimsoll.yaml. */
function call(...args: readonly string[]): Promise<Answer> {
  return plimsoll(args, { directory, environment });
}

function json({ stdout }: Answer): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function runningNames(): Promise<readonly string[]> {
  const listed = await docker.listContainers({
    filters: { label: [`dev.plimsoll.installation=${installation}`] },
  });
  return listed
    .flatMap(({ Names }) => Names.map((name) => name.slice(1)))
    .toSorted((a, b) => a.localeCompare(b));
}

beforeAll(() => {
  repository.commit(services(stack, { web: { image: images.web1 } }), { message: 'First\n\nand a body' });
  writeFileSync(
    join(directory, 'plimsoll.yaml'),
    `sources: [{ name: hand, repository: ${JSON.stringify(repository.path)} }]\n`,
  );
});

afterAll(() => removeInstallation(docker, installation));

test('a plan of what is not there yet ends with 2, and leaves neither a container nor a store behind', async () => {
  const shown = await call('plan');
  expect(shown.code).toBe(2);
  expect(shown.stdout).toContain(`${stack} at `);
  expect(shown.stdout).toContain('create web.1');
  expect(shown.stderr).toMatch(/^hand {2}read [0-9a-f]{7} "First" by Ada Shipwright: /);
  const { plans, problems, sources } = json(await call('plan', '--json'));
  expect([plans, problems]).toEqual([[expect.objectContaining({ stack, format: 1 })], []]);
  expect(sources).toEqual([expect.objectContaining({ name: 'hand', repository: repository.path })]);
  expect(await runningNames()).toEqual([]);
  expect(existsSync(join(directory, 'state'))).toBe(false);
});

test('a plan file is applied as it was reviewed, and then there is nothing to do', async () => {
  const file = join(directory, 'plan.json');
  expect((await call('plan', '--out', file)).code).toBe(2);
  const applied = await call('apply', '--plan', file, '--json');
  expect(applied.code, applied.stderr + applied.stdout).toBe(0);
  expect(json(applied)).toMatchObject({ stacks: [{ stack, outcome: 'succeeded', needs: [] }], problems: [] });
  expect(await runningNames()).toEqual([`${stack}-web-1`]);
  const again = await call('plan');
  expect([again.code, again.stdout]).toEqual([0, `nothing to do: ${stack}\n`]);
});

test('a plan file is refused once the world moved, and says what moved', async () => {
  const file = join(directory, 'plan.json');
  const { code, stderr } = await call('apply', '--plan', file);
  expect(code).toBe(1);
  expect(stderr).toContain('The world moved since the plan was made, so nothing was changed. Plan again.');
  expect(stderr).toContain(`${stack}: no longer to do: web.1 is to be made.`);
});

test('what was done is in the status and the history, by name, reason and commit', async () => {
  const status = json(await call('status', '--json'));
  expect(status).toMatchObject({
    daemon: null,
    stacks: [{ stack, syncStatus: 'synced', health: 'healthy', lastOutcome: 'succeeded' }],
  });
  const { syncs } = json(await call('history', '--json')) as { syncs: { id: string }[] };
  expect(syncs).toEqual([
    expect.objectContaining({ stack, trigger: 'manual', outcome: 'succeeded' }) as { id: string },
  ]);
  const listed = await call('history', '--stack', stack, '--service', 'web');
  expect(listed.stdout).toMatch(/"First" by Ada Shipwright/);
  expect(listed.stdout).toContain('web: create, because it is not there yet');
  const one = await call('history', syncs[0]?.id ?? '');
  expect(one.stdout).toMatch(/done +await web\.1/);
});

test('diff shows field by field what somebody changed by hand, and apply takes it back', async () => {
  await docker.getContainer(`${stack}-web-1`).update({ Memory: 64 * 1024 * 1024, MemorySwap: -1 });
  const shown = await call('diff', `${stack}/web`);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('mem_limit');
  const { stacks } = json(await call('diff', stack, '--json')) as {
    stacks: { changes: { path?: string }[] }[];
  };
  expect(stacks[0]?.changes.map(({ path }) => path)).toContain('mem_limit');
  expect((await call('apply')).code).toBe(0);
  const { HostConfig } = await docker.getContainer(`${stack}-web-1`).inspect();
  expect(HostConfig.Memory).toBe(0);
});

test('a stack that is not there is refused with the nearest that is', async () => {
  const wrong = `${stack}x`;
  for (const args of [
    ['plan', '--stack', wrong],
    ['diff', wrong],
    ['history', '--stack', wrong],
  ]) {
    const { code, stderr } = await call(...args);
    expect([code, stderr.includes(`Did you mean ${stack}?`)], args.join(' ')).toEqual([1, true]);
  }
});

test('problems in the manifests are all told, with their places, and nothing is applied', async () => {
  repository.commit({ [`stacks/${stack}/bad.yaml`]: 'apiVersion: plimsoll.dev/v1\nkind: Servise\n' });
  for (const command of ['plan', 'apply']) {
    const { code, stdout } = await call(command);
    expect(code).toBe(1);
    expect(stdout).toContain(`stacks/${stack}/bad.yaml:2:7 kind: `);
  }
  repository.commit({ [`stacks/${stack}/bad.yaml`]: null });
});

test('a removal that is large waits with 3, names its code and the command, and is done when accepted', async () => {
  const many = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { image: images.web1 }]));
  repository.commit(services(stack, many), { message: 'Four more' });
  expect((await call('apply')).code).toBe(0);
  const gone = Object.keys(services(stack, many)).map((path) => [path, null] as const);
  repository.commit(Object.fromEntries(gone), { message: 'Four gone' });
  const waiting = await call('apply', '--stack', stack);
  expect(waiting.code).toBe(3);
  expect(waiting.stdout).toContain(`To accept it: plimsoll apply --stack ${stack} --approve MD101`);
  expect(await runningNames()).toHaveLength(5);
  const accepted = await call('apply', '--stack', stack, '--approve', 'MD101');
  expect(accepted.code, accepted.stdout).toBe(0);
  expect(await runningNames()).toEqual([`${stack}-web-1`]);
});

test('an image that does not exist ends with 1, and what runs goes on running', async () => {
  const missing = images.web1.replace('web:1', 'nothing:1');
  repository.commit(services(stack, { web: { image: missing } }), { message: 'A mistake' });
  const { code, stdout, stderr } = await call('apply');
  expect(code).toBe(1);
  expect(stdout).toMatch(/failed in /);
  expect(stderr).toContain('pull');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(await runningNames()).toEqual([`${stack}-web-1`]);
});

test('what the policy forbids is denied, and says what would allow it', async () => {
  repository.commit(services(stack, { web: { image: images.web1, privileged: true } }), {
    message: 'Too much',
  });
  const planned = await call('plan');
  expect(planned.stdout).toContain('PV101');
  const { code, stdout } = await call('apply');
  expect(code).toBe(1);
  expect(stdout).toContain('denied');
});

test('a stack that left its source is removed once that was accepted, from what was recorded', async () => {
  const other = `${stack}b`;
  repository.commit({
    ...services(stack, { web: { image: images.web1 } }),
    ...services(other, { web: { image: images.web1 } }),
  });
  expect((await call('apply')).code).toBe(0);
  repository.commit({ [`stacks/${other}/web.yaml`]: null }, { message: 'One stack less' });
  const planned = await call('plan');
  expect(planned.code).toBe(2);
  expect(planned.stdout).toMatch(/- web +delete +it left the manifests/);
  const waiting = await call('apply', '--json');
  const needs = (json(waiting)['stacks'] as { needs: string[] }[]).flatMap((one) => one.needs);
  expect([waiting.code, needs.length]).toEqual([3, 1]);
  expect((await call('apply', '--approve', ...needs)).code).toBe(0);
  expect(await runningNames()).toEqual([`${stack}-web-1`]);
});

test('Ctrl-C lets the running step end, says how far it came, ends with 130, and the next apply goes on', async () => {
  const slow = `${stack}c`;
  repository.commit(
    services(slow, {
      // A slow start is no illness: what fails meanwhile does not count.
      first: { image: images.slow, healthcheck: { start_period: '30s' } },
      second: { image: images.web1, depends_on: { first: { condition: 'service_healthy' } } },
    }),
  );
  const child = startPlimsoll(['apply', '--stack', slow], { directory, environment });
  const [stdout, code] = [text(child.stdout!), once(child, 'exit')];
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the plan was told', () => said.includes(`${slow} at `), 60_000);
  await until(
    'the first container runs',
    async () => (await runningNames()).includes(`${slow}-first-1`),
    60_000,
  );
  child.kill('SIGINT');
  expect((await code)[0], said).toBe(130);
  expect(said).toContain('Stopping once the running steps have ended.');
  expect(await stdout).toMatch(/cancelled in .*: It was stopped after \d+ of \d+ steps\./);
  expect(await runningNames()).not.toContain(`${slow}-second-1`);
  const again = await call('apply', '--stack', slow);
  expect(again.code, `${again.stdout}${again.stderr}`).toBe(0);
  expect(await runningNames()).toEqual(expect.arrayContaining([`${slow}-first-1`, `${slow}-second-1`]));
});

test('the repository of the working directory needs no configuration', async () => {
  const elsewhere = temporaryDirectory();
  const own = createRepository(join(elsewhere, 'repository.git'));
  own.commit(services(`${stack}own`, { web: { image: images.web1 } }));
  const { code, stdout } = await plimsoll(['plan', '--source', own.path, '--json'], {
    directory: elsewhere,
    environment,
  });
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ plans: [{ stack: `${stack}own` }] });
  const inside = await plimsoll(['plan', '--json'], { directory: own.path, environment });
  expect(JSON.parse(inside.stdout)).toEqual(JSON.parse(stdout));
  expect(readFileSync(join(own.path, 'HEAD'), 'utf8')).toContain('main');
});
