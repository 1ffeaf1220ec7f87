import type { SshCredentials } from './credentials.ts';

/**
 * The value of GIT_SSH_COMMAND, which git hands to a shell: ssh that asks no questions and offers exactly the key
 * that it was given.
 */
export function sshCommand(credentials: SshCredentials, connectTimeoutMs: number): string {
  const options = [
    'BatchMode=yes',
    `StrictHostKeyChecking=${hostKeyOption(credentials.hostKeys ?? 'strict')}`,
    `ConnectTimeout=${Math.max(1, Math.ceil(connectTimeoutMs / 1000))}`,
    'ServerAliveInterval=15',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    ...(credentials.knownHostsFile === undefined
      ? []
      : [`UserKnownHostsFile=${quoteForSsh(credentials.knownHostsFile)}`]),
    ...(credentials.keyFile === undefined
      ? []
      : [`IdentityFile=${quoteForSsh(credentials.keyFile)}`, 'IdentitiesOnly=yes']),
  ];
  return ['ssh', ...options.flatMap((option) => ['-o', quoteForShell(option)])].join(' ');
}

function hostKeyOption(hostKeys: NonNullable<SshCredentials['hostKeys']>): string {
  switch (hostKeys) {
    case 'strict':
      return 'yes';
    case 'acceptNew':
      return 'accept-new';
    case 'off':
      return 'no';
    default:
      return hostKeys satisfies never;
  }
}

/** ssh splits file names at white space unless they are quoted, and expands `%`. */
function quoteForSsh(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
