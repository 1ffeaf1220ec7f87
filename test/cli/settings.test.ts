import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { name } from '../../reconciler/model/ids.ts';
import { examineSettings, readSettings } from '../../reconciler/settings.ts';
import { defaultStateDirectory } from '../../reconciler/state-directory.ts';
import { temporaryDirectory } from '../support/temporary.ts';

function place(config: string): { readonly directory: string; readonly configFile: string } {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'etc'));
  const configFile = join(directory, 'etc', 'plimsoll.yaml');
  writeFileSync(configFile, config);
  return { directory, configFile };
}

test('the command line comes before the environment, and that before the file', async () => {
  const { directory, configFile } = place(
    'installation: from-file\nlog_level: warn\nstate_directory: /from/file\n',
  );
  const environment = { PLIMSOLL_INSTALLATION: 'from-environment', PLIMSOLL_LOG_LEVEL: 'debug' };
  const plain = await readSettings({ configFile, directory, environment });
  expect([plain.installation, plain.logLevel, plain.stateDirectory]).toEqual([
    'from-environment',
    'debug',
    '/from/file',
  ]);
  const overrides = { installation: name('from-command'), stateDirectory: 'here', engineHost: 'unix:///x' };
  const overridden = await readSettings({ configFile, directory, environment, overrides });
  expect(overridden).toMatchObject({
    installation: 'from-command',
    stateDirectory: join(directory, 'here'),
    engines: [{ name: 'default', host: 'unix:///x', tls: null }],
    defaultEngine: 'default',
  });
});

test('relative paths of an engine begin at the file that says them', async () => {
  const { directory, configFile } = place(
    'engine: { host: "ssh://a@b", ssh: { key_path: keys/id, known_hosts_path: /etc/known } }\n',
  );
  const { engines } = await readSettings({ configFile, directory, environment: {} });
  const keyFile = join(directory, 'etc', 'keys', 'id');
  expect(engines[0]?.ssh).toEqual({ keyFile, knownHostsFile: '/etc/known', hostKeys: 'strict' });
});

test('an installation that is said on the command line holds beside the engines of the file', async () => {
  const { directory, configFile } = place(
    'installation: from-file\nengines: [{ name: a }, { name: b, host: "unix:///b" }]\n',
  );
  const overrides = { installation: name('from-command') };
  const settings = await readSettings({ configFile, directory, environment: {}, overrides });
  expect([settings.installation, settings.engines.length]).toEqual(['from-command', 2]);
});

test('the file is the one that is named, else PLIMSOLL_CONFIG, else ./plimsoll.yaml, else none', async () => {
  const { directory, configFile } = place('');
  const other = join(directory, 'other.yaml');
  writeFileSync(other, '');
  const read = async (request: Partial<Parameters<typeof readSettings>[0]>): Promise<string | null> =>
    (await readSettings({ directory, environment: {}, ...request })).configFile;
  expect(await read({})).toBeNull();
  expect(await read({ directory: join(directory, 'etc') })).toBe(configFile);
  expect(await read({ environment: { PLIMSOLL_CONFIG: 'etc/plimsoll.yaml' } })).toBe(configFile);
  expect(await read({ environment: { PLIMSOLL_CONFIG: 'nowhere' }, configFile: 'other.yaml' })).toBe(other);
  expect(await read({ directory: join(directory, 'etc'), configFile: null })).toBeNull();
  await expect(read({ configFile: 'nowhere.yaml' })).rejects.toMatchObject({ code: 'FileUnusable' });
});

test('relative paths in the file begin at the file', async () => {
  const { directory, configFile } = place(`
state_directory: state
registries: { docker_config: docker.json }
sources:
  - { name: near, repository: ../gitops }
  - { name: far, repository: "https://example.com/gitops.git" }
  - { name: scp, repository: "git@example.com:gitops.git", credentials: { ssh_key_path: keys/id } }
`);
  const settings = await readSettings({ configFile, directory, environment: {} });
  const etc = join(directory, 'etc');
  expect(settings.stateDirectory).toBe(join(etc, 'state'));
  expect(settings.dockerConfig).toBe(join(etc, 'docker.json'));
  expect(settings.sources.map(({ repository }) => repository)).toEqual([
    join(directory, 'gitops'),
    'https://example.com/gitops.git',
    'git@example.com:gitops.git',
  ]);
  expect(settings.sources[2]?.credentials).toMatchObject({ keyFile: join(etc, 'keys/id') });
});

test('values come from files beside the file, and no secret prints', async () => {
  const { directory, configFile } = place(`
database: { url: { file: url } }
registries: { credentials: [{ registry: ghcr.io, username: bot, password: { env: TOKEN } }] }
`);
  writeFileSync(join(directory, 'etc', 'url'), 'postgres://plimsoll:hunter2@db/plimsoll\n');
  const settings = await readSettings({ configFile, directory, environment: { TOKEN: 'hunter3' } });
  expect(settings.databaseUrl?.reveal()).toBe('postgres://plimsoll:hunter2@db/plimsoll');
  expect(JSON.stringify({ ...settings, environment: null })).not.toContain('hunter');
});

test('every mistake is told at once, with the file as seen from the working directory', async () => {
  const { directory, configFile } = place(
    'instalation: x\nsources: 7\ndatabase: { url: { file: nowhere } }\n',
  );
  const { settings, problems } = await examineSettings({ configFile, directory, environment: {} });
  expect(settings).toBeNull();
  expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'etc/plimsoll.yaml:1',
    'etc/plimsoll.yaml:2',
    'etc/plimsoll.yaml:3',
  ]);
  await expect(readSettings({ configFile, directory, environment: {} })).rejects.toThrow(
    /did you mean "installation"[^]*nowhere/,
  );
});

test('variables that look like ours and are not are told apart', async () => {
  const { directory } = place('');
  const environment = { PLIMSOLL_DATABSE_URL: 'x', PLIMSOLL_CONFIG: '', OTHER: 'y' };
  expect((await examineSettings({ directory, environment })).unknownVariables).toEqual([
    'PLIMSOLL_DATABSE_URL',
  ]);
});

test('state lies in the system for root and in the home for everybody else', () => {
  const isRoot = process.getuid?.() === 0;
  expect(defaultStateDirectory({ HOME: '/home/ada' })).toBe(
    isRoot ? '/var/lib/plimsoll' : '/home/ada/.local/state/plimsoll',
  );
  expect(defaultStateDirectory({ HOME: '/home/ada', XDG_STATE_HOME: '/state' })).toBe(
    isRoot ? '/var/lib/plimsoll' : '/state/plimsoll',
  );
});
