import { SyncError, type SyncErrorCode } from '../model/error.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly code: SyncErrorCode;
  /** The sentence after the repository's name. */
  readonly says: string;
}

/** What git and ssh say, in the order in which it is decided: the first match wins. */
const rules: readonly Rule[] = [
  {
    pattern: /host key verification failed|remote host identification has changed/i,
    code: 'HostKeyRejected',
    says: 'shows a host key that is not in known_hosts, or another than before. Compare it with the host, then add it with ssh-keyscan.',
  },
  {
    pattern:
      /permission denied|could not read from remote repository.*access rights|authentication fail|too many authentication/i,
    code: 'SourceUnauthorized',
    says: 'refuses our key. Check the key file, and that the key may read this repository.',
  },
  {
    pattern: /cannot run ssh|unable to fork/i,
    code: 'SourceUrlUnsupported',
    says: 'needs the program ssh, which is not installed. Install the OpenSSH client, or use an https:// URL.',
  },
  {
    pattern:
      /not appear to be a git repository|repository not found|no such project|project you were looking for|not a git repository/i,
    code: 'SourceNotFound',
    says: 'is no repository there, or may not be seen with this key. Check the path and the key.',
  },
  {
    pattern: /object format|sha256/i,
    code: 'SourceFormatUnsupported',
    says: "names its objects by SHA-256, which cannot be read yet. Use a repository in Git's default format, SHA-1.",
  },
  {
    pattern: /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i,
    code: 'ObjectMissing',
    says: 'does not give out this commit: its branch has moved on since. The newest commit is looked up again.',
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'DiskFull',
    says: 'could not be fetched: no space is left on the disk. Free some; reading the source goes on by itself.',
  },
  {
    pattern:
      /index-pack|early eof|bad object|corrupt|inflate|pack has|unresolved delta|fsck|missing necessary objects/i,
    code: 'PackCorrupt',
    says: 'did not send a sound pack of objects. It is fetched again; run `git fsck` on the server if it stays.',
  },
];

/** The complaint of a failed git as a named condition. What fits nowhere is a server out of reach. */
export function sshFailure(complaint: string, display: string): SyncError {
  const rule = rules.find(({ pattern }) => pattern.test(complaint));
  const code = rule?.code ?? 'SourceUnreachable';
  const says = rule?.says ?? 'cannot be reached. Check host, port and network.';
  const quote = lastLines(complaint);
  return new SyncError(code, `${display} ${says}${quote === '' ? '' : ` It said: ${quote}`}`, {
    data: { complaint: quote },
  });
}

/** Progress, and what git adds to every failure of its transport. */
const noise =
  /\d+% \(|^remote: (Counting|Enumerating|Compressing|Total)|^fatal: Could not read from remote|^Please make sure you have|^and the repository exists/;

/** ssh and git end with what counts. */
function lastLines(complaint: string): string {
  return complaint
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !noise.test(line))
    .slice(-3)
    .join(' | ')
    .slice(0, 300);
}
