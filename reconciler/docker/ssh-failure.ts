import { SyncError } from '../model/error.ts';
import type { SshAddress } from './ssh-options.ts';

interface Rule {
  readonly pattern: RegExp;
  /** The sentences after "The engine at ssh://…". */
  readonly says: (address: SshAddress) => string;
}

/** What ssh says, in the order in which it is decided: the first match wins. */
const rules: readonly Rule[] = [
  {
    pattern: /host key verification failed|remote host identification has changed/i,
    says: () =>
      'shows a host key that is not in known_hosts, or another than before. Compare it with the host, then add it with ssh-keyscan.',
  },
  {
    pattern: /permission denied|too many authentication failures/i,
    says: ({ destination }) =>
      `does not let us in. Put the public key into the authorized_keys of ${destination}, or name the right one in \`ssh.key_path\`.`,
  },
  {
    pattern: /administratively prohibited/i,
    says: () =>
      "does not forward sockets. Set `AllowStreamLocalForwarding yes` in its sshd's configuration, and restart that.",
  },
  {
    pattern: /open failed/i,
    says: ({ destination, socketPath }) =>
      `was reached, but its Docker socket ${socketPath} does not answer. Is Docker running there, and is the account of ${destination} in the docker group?`,
  },
  {
    pattern: /ENOENT/,
    says: () => 'needs the program ssh, which is not installed. Install the OpenSSH client.',
  },
];

function formatSshAddress({ destination, port }: SshAddress): string {
  return `ssh://${destination}${port === null ? '' : `:${port}`}`;
}

/** The complaint of ssh as a named condition. */
export function sshFailure(address: SshAddress, complaint: string): SyncError {
  const rule = rules.find(({ pattern }) => pattern.test(complaint));
  const says = rule?.says(address) ?? 'cannot be reached. Check host, port and network.';
  const quote = lastLines(complaint);
  const message = `The engine at ${formatSshAddress(address)} ${says}${quote === '' ? '' : ` ssh said: ${quote}`}`;
  return new SyncError('EngineUnreachable', message);
}

/** ssh ends with what counts. */
function lastLines(complaint: string): string {
  return complaint
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(@+|Warning: Permanently added)/.test(line))
    .slice(-2)
    .join(' | ')
    .slice(0, 300);
}
