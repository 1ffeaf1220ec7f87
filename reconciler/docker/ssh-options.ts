/** An engine's socket on a machine that ssh reaches. */
export interface SshAddress {
  readonly kind: 'ssh';
  /** `deploy@berlin.example.org`, or a host that the configuration of ssh knows. */
  readonly destination: string;
  /** Null: what ssh is configured to take, else 22. */
  readonly port: number | null;
  /** Of the engine, on that machine. */
  readonly socketPath: string;
  readonly settings: SshSettings;
}

/** Beyond what the system's ssh is configured to do. */
export interface SshSettings {
  readonly keyFile: string | null;
  readonly knownHostsFile: string | null;
  readonly hostKeys: 'strict' | 'acceptNew' | 'off';
}

const connectTimeoutS = 10;

/**
 * The arguments of an ssh that makes the engine's socket appear here, says so on its standard output, asks no questions
 * and notices within half a minute when the other side is gone.
 */
export function sshArguments(address: SshAddress, localSocket: string): readonly string[] {
  const { destination, port, socketPath, settings } = address;
  const { keyFile, knownHostsFile, hostKeys } = settings;
  const options = [
    'BatchMode=yes',
    `StrictHostKeyChecking=${hostKeyOption(hostKeys)}`,
    `ConnectTimeout=${connectTimeoutS}`,
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'ExitOnForwardFailure=yes',
    'StreamLocalBindUnlink=yes',
    // A connection that somebody else opened would end when they like.
    'ControlMaster=no',
    'ControlPath=none',
    'RemoteCommand=none',
    'PermitLocalCommand=yes',
    'LocalCommand=echo open',
    ...(knownHostsFile === null ? [] : [`UserKnownHostsFile=${quoted(knownHostsFile)}`]),
    ...(keyFile === null ? [] : [`IdentityFile=${quoted(keyFile)}`, 'IdentitiesOnly=yes']),
  ];
  return [
    '-NT',
    ...options.flatMap((option) => ['-o', option]),
    ...(port === null ? [] : ['-p', String(port)]),
    '-L',
    `${localSocket}:${socketPath}`,
    '--',
    destination,
  ];
}

function hostKeyOption(hostKeys: SshSettings['hostKeys']): string {
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
function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
