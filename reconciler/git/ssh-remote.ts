import type { Address } from './address.ts';
import { withDeadline, type Limits } from './deadline.ts';
import { sha256Refusal } from './failure.ts';
import { runGit, type GitResult } from './git-command.ts';
import { invalidAdvertisement } from './http-failure.ts';
import type { AdvertisedRef } from './reference.ts';
import type { FetchRequest, Remote, Timeouts } from './remote.ts';
import { sshCommand } from './ssh-command.ts';
import { sshFailure } from './ssh-failure.ts';

export interface SshRemoteOptions {
  readonly address: Address & { readonly kind: 'ssh' };
  readonly timeouts: Timeouts;
  /** Variables that git and ssh may see; of these only PATH, HOME, USER, LOGNAME, TMPDIR and SSH_AUTH_SOCK are handed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'SSH_AUTH_SOCK'];

/** `ssh://` and `git@host:path`, with the system's git as the transport into a repository of ours. */
export function createSshRemote(options: SshRemoteOptions): Remote {
  return {
    advertise: (names, signal) => advertise(options, names, signal),
    fetch: (request, signal) => fetchObjects(options, request, signal),
  };
}

async function advertise(
  options: SshRemoteOptions,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly AdvertisedRef[]> {
  const { pollMs, idleMs } = options.timeouts;
  const limits = { signal, totalMs: pollMs, idleMs, display: options.address.display };
  const patterns = names.flatMap((name) => [name, `${name}^{}`]);
  const refs = await listRefs(options, limits, patterns);
  const found = names.flatMap((name) => readRef(refs, name));
  if (found.length === 0 && refs.size === 0 && (await listRefs(options, limits, [])).size === 0) {
    throw invalidAdvertisement(options.address.display, 'it is empty');
  }
  return found;
}

async function listRefs(
  options: SshRemoteOptions,
  limits: Limits,
  patterns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const args = ['ls-remote', '--', options.address.url, ...patterns];
  const { output } = await run(options, limits, args);
  const refs = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [id = '', name = ''] = line.split('\t');
    if (/^[0-9a-f]{64}$/.test(id)) throw sha256Refusal(options.address.display);
    if (/^[0-9a-f]{40}$/.test(id)) refs.set(name, id);
    else if (line !== '')
      throw invalidAdvertisement(options.address.display, 'it holds something that is no object id');
  }
  return refs;
}

function readRef(refs: ReadonlyMap<string, string>, name: string): readonly AdvertisedRef[] {
  const id = refs.get(name);
  return id === undefined ? [] : [{ name, id, peeled: refs.get(`${name}^{}`) ?? null }];
}

async function fetchObjects(
  options: SshRemoteOptions,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<void> {
  const { fetchMs, idleMs } = options.timeouts;
  const limits = { signal, totalMs: fetchMs, idleMs, display: options.address.display };
  const what = request.isWhole
    ? ['--tags', '--', options.address.url, '+refs/heads/*:refs/remotes/origin/*']
    : ['--depth=1', '--no-tags', '--', options.address.url, request.want];
  await run(options, limits, [`--git-dir=${request.gitdir}`, 'fetch', '--progress', ...what]);
}

/** No configuration but ours, no hook, no housekeeping, no question, and no other protocol than ssh. */
async function run(options: SshRemoteOptions, limits: Limits, args: readonly string[]): Promise<GitResult> {
  const result = await withDeadline(limits, (deadline) =>
    runGit({ args: [...ownSettings, ...args], environment: environmentOf(options), deadline }),
  );
  if (result.exitCode !== 0) throw sshFailure(result.complaint, options.address.display);
  return result;
}

const ownSettings = [
  'gc.auto=0',
  'maintenance.auto=false',
  // Loose objects would be many small files; a pack is one.
  'fetch.unpackLimit=1',
  'core.hooksPath=/dev/null',
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

function environmentOf({
  address,
  timeouts,
  environment,
}: SshRemoteOptions): Readonly<Record<string, string>> {
  const kept = inherited.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'ssh',
    GIT_SSH_VARIANT: 'ssh',
    GIT_SSH_COMMAND: sshCommand(address.credentials, timeouts.pollMs),
  };
}
