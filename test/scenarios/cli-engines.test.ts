import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import { plimsoll, type Answer } from '../cli/plimsoll.ts';
import { startSshServer, type SshServer } from '../git/ssh-server.ts';
import { startDaemon } from '../support/daemon.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { services, stack } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { createRepository } from '../support/repository.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const installation = `engines-${process.pid}`;
const [near, far] = [`near${process.pid}`, `far${process.pid}`];
const directory = temporaryDirectory();
const repository = createRepository();
const image = 'plimsoll-test/there:1';
const docker = new Docker({ socketPath: inject('engine').socketPath });
const environment = {
  DOCKER_HOST: `unix://${inject('engine').socketPath}`,
  PLIMSOLL_INSTALLATION: installation,
};
let berlin: TestEngine;
let ssh: SshServer;

function call(...args: readonly string[]): Promise<Answer> {
  return plimsoll(args, { directory, environment });
}

beforeAll(async () => {
  ssh = await startSshServer();
  berlin = await startTestEngine(join(temporaryDirectory(), 'berlin'));
  for (const engine of [docker, berlin.docker]) {
    await makeStandInImage(engine, image, { say: () => undefined });
  }
  writeFileSync(
    join(directory, 'plimsoll.yaml'),
    `\
engines:
  - name: here
  - name: berlin
    host: ${ssh.url}${berlin.socketPath}
    ssh: { key_path: ${ssh.keyFile}, known_hosts_path: ${ssh.knownHostsFile} }
default_engine: here
sources: [{ name: main, repository: ${JSON.stringify(repository.path)}, interval: 1s }]
`,
  );
  repository.commit({
    ...services(near, { web: { image, pull_policy: 'never' } }),
    ...services(far, { web: { image, pull_policy: 'never' } }),
    [`stacks/${far}/stack.yaml`]: stack({ engine: 'berlin' }),
  });
});

afterAll(async () => {
  await removeInstallation(docker, installation);
  await berlin.close();
  await ssh.close();
});

test('doctor looks at each engine, by name', async () => {
  const { stdout, code } = await call('doctor');
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/engine +here: Docker .* at unix:/);
  expect(stdout).toMatch(/engine +berlin: Docker .* at ssh:\/\/.* \(plimsoll\.yaml\)/);
  expect(stdout).toContain('The clock agrees with the engine here and the engine berlin');
});

test('one plan file holds the plans of both engines, and is applied as it was reviewed', async () => {
  const file = join(directory, 'plan.json');
  const planned = await call('plan', '--out', file);
  expect(planned.code, planned.stderr).toBe(2);
  expect(planned.stdout).toMatch(new RegExp(`${far} at \\S+ on berlin: `));
  const applied = await call('apply', '--plan', file);
  expect(applied.code, applied.stderr + applied.stdout).toBe(0);
  expect(await namesOn(berlin.docker)).toEqual([`/${far}-web-1`]);
  expect(await namesOn(docker)).toEqual([`/${near}-web-1`]);
  expect((await call('plan')).code).toBe(0);
});

test('a plan file is refused when the world moved on either engine', async () => {
  const file = join(directory, 'moved.json');
  await berlin.docker.getContainer(`${far}-web-1`).kill();
  expect((await call('plan', '--out', file)).code).toBe(2);
  await berlin.docker.getContainer(`${far}-web-1`).start();
  const { code, stderr } = await call('apply', '--plan', file);
  expect(code).toBe(1);
  expect(stderr).toContain(`${far}: no longer to do:`);
});

test('a daemon tells of every engine, and leaves no ssh behind when it is killed', async () => {
  const daemon = startDaemon({ directory, environment });
  try {
    await daemon.until('ready');
    const ssh = await until('both engines were seen', async () => {
      const { stdout } = await call('status');
      const isSeen = /engine berlin at ssh:.*API/.test(stdout) && /engine here at unix:.*API/.test(stdout);
      return isSeen && sshProcesses();
    });
    expect(ssh).toHaveLength(1);
  } finally {
    daemon.kill();
  }
  await until('ssh has ended too', () => sshProcesses().length === 0);
});

test('an engine that is down keeps nobody from planning the stacks of another', async () => {
  await berlin.stop();
  expect((await call('plan', '--stack', near)).code).toBe(0);
  const all = await call('plan');
  expect([all.code, all.stderr]).toEqual([1, expect.stringContaining('Docker socket')]);
  const differences = await call('diff');
  expect(differences.stdout).toMatch(new RegExp(`${near} at .*nothing differs`));
  expect(differences.stdout).toContain('EngineUnreachable: The engine at ssh://');
  const doctor = await call('doctor');
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/fail +engine +berlin: /);
});

async function namesOn(engine: Docker): Promise<readonly string[]> {
  const filters = { label: [`dev.plimsoll.installation=${installation}`] };
  return (await engine.listContainers({ filters })).flatMap(({ Names }) => Names);
}

/** Those that forward to our server. */
function sshProcesses(): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      const [program, ...rest] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      return program === 'ssh' && rest.includes('-L') && rest.includes(String(ssh.port));
    } catch {
      return false;
    }
  });
}
