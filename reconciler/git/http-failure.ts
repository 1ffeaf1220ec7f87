import { SyncError } from '../model/error.ts';
import { codeOf } from './failure.ts';

/** A status as the condition that it stands for; null for 200. */
export function statusFailure(status: number, display: string): SyncError | null {
  if (status === 200) return null;
  const data = { status };
  switch (status) {
    // 203 is how Azure DevOps shows its sign-in page.
    case 203:
    case 401:
    case 403:
    case 407:
      return new SyncError(
        'SourceUnauthorized',
        `${display} refuses our credentials (HTTP ${status}). Check the token or password, and that it may read this repository.`,
        { data },
      );
    case 404:
    case 410:
      return new SyncError(
        'SourceNotFound',
        `${display} does not exist, or may not be seen with these credentials (HTTP ${status}). Check the URL and the credentials.`,
        { data },
      );
    default:
      return new SyncError(
        'SourceUnreachable',
        `${display} answered HTTP ${status}. It is tried again; look whether the server is well.`,
        { data },
      );
  }
}

/** What `fetch` throws before an answer has begun. */
export function connectionFailure(error: unknown, display: string): unknown {
  if (error instanceof SyncError) return error;
  const code = codeOf(error);
  const reason = code === '' ? innermostMessage(error) : code;
  return new SyncError('SourceUnreachable', `${display} cannot be reached: ${explainCode(reason)}`, {
    data: { reason },
    cause: error,
  });
}

/** `fetch failed` says nothing; its cause, such as `bad port`, does. */
function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
}

function explainCode(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its host name is not known. Check the URL and the name server.';
    case 'ECONNREFUSED':
      return 'nothing listens there. Check host and port, and that the server runs.';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it. Check the network and firewalls.';
    default:
      if (/CERT|SIGNATURE|TLS|SSL/.test(code)) {
        return `its certificate is not trusted (${code}). Give its authority to Node in NODE_EXTRA_CA_CERTS.`;
      }
      return `the connection broke (${code}). It is tried again.`;
  }
}

/** An `ERR` line of a server. */
export function refusalFailure(message: string, display: string): SyncError {
  const data = { message };
  if (/not our ref|unadvertised|not valid/i.test(message)) {
    return new SyncError(
      'ObjectMissing',
      `${display} does not give out this commit: its branch has moved on since. The newest commit is looked up again.`,
      { data },
    );
  }
  if (/denied|authoriz|permission/i.test(message)) {
    return new SyncError(
      'SourceUnauthorized',
      `${display} refuses to be read: ${message}. Check the credentials.`,
      { data },
    );
  }
  if (/not found|not exist|no such/i.test(message)) {
    return new SyncError('SourceNotFound', `${display} does not exist: ${message}. Check the URL.`, { data });
  }
  return new SyncError('RefAdvertisementInvalid', `${display} refused: ${message}. It is tried again.`, {
    data,
  });
}

/** A ref list that is not whole: never to be read as "there are no refs". */
export function invalidAdvertisement(display: string, why: string, cause?: unknown): SyncError {
  return new SyncError(
    'RefAdvertisementInvalid',
    `${display} sent no usable list of refs: ${why}. Nothing is concluded from it, and it is asked again.`,
    { cause },
  );
}
