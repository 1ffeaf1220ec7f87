import { expect, test } from 'vitest';
import { sshCommand } from '../../reconciler/git/ssh-command.ts';
import { sshFailure } from '../../reconciler/git/ssh-failure.ts';

const boilerplate =
  '\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';

test.each([
  ['Host key verification failed.', 'HostKeyRejected'],
  [
    '@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.',
    'HostKeyRejected',
  ],
  ['git@example.com: Permission denied (publickey).', 'SourceUnauthorized'],
  ['Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures', 'SourceUnauthorized'],
  ['ERROR: Repository not found.', 'SourceNotFound'],
  ["fatal: '/srv/x.git' does not appear to be a git repository", 'SourceNotFound'],
  ['remote: The project you were looking for could not be found.', 'SourceNotFound'],
  ['ssh: connect to host example.com port 22: Connection refused', 'SourceUnreachable'],
  ['ssh: Could not resolve hostname example.invalid: Name or service not known', 'SourceUnreachable'],
  ['Connection closed by 10.0.0.1 port 22', 'SourceUnreachable'],
  ['error: cannot run ssh: No such file or directory\nfatal: unable to fork', 'SourceUrlUnsupported'],
  ['fatal: remote error: upload-pack: not our ref aaaa', 'ObjectMissing'],
  ['error: Server does not allow request for unadvertised object aaaa', 'ObjectMissing'],
  ['fatal: early EOF\nfatal: fetch-pack: invalid index-pack output', 'PackCorrupt'],
  ['fatal: write error: No space left on device\nfatal: index-pack failed', 'DiskFull'],
  ['fatal: mismatched algorithms: client sha1; server sha256', 'SourceFormatUnsupported'],
  ['', 'SourceUnreachable'],
])('%j is named', (complaint, code) => {
  const failure = sshFailure(`${complaint}${boilerplate}`, 'git@example.com:x.git');
  expect(failure.code).toBe(code);
  expect(failure.message).not.toContain('Please make sure');
});

test('ssh asks no question, and a path of any characters stays one word for the shell and for ssh', () => {
  const command = sshCommand({ kind: 'ssh', keyFile: "/a b/$(touch x)'%h", hostKeys: 'strict' }, 30_000);
  expect(command).toBe(
    "ssh -o 'BatchMode=yes' -o 'StrictHostKeyChecking=yes' -o 'ConnectTimeout=30' -o 'ServerAliveInterval=15'" +
      " -o 'ClearAllForwardings=yes' -o 'PermitLocalCommand=no'" +
      ` -o 'IdentityFile="/a b/$(touch x)'\\''%%h"' -o 'IdentitiesOnly=yes'`,
  );
});
