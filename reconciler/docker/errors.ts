import { SyncError, type SyncErrorCode } from '../model/error.ts';

/** What was tried, so that a failure can be told in a sentence. */
export interface Attempt {
  /** Counted under this name: `containerStart`. */
  readonly call: string;
  /** What it was for, as in "could not …": `start container shop-web-1`. */
  readonly action: string;
  /** What a 404 says is not there. */
  readonly thing: 'container' | 'network' | 'volume' | 'image' | 'engine';
}

export interface FailedAttempt extends Attempt {
  readonly isExpired: boolean;
  readonly isCancelled: boolean;
}

interface Failure {
  readonly status: number | null;
  readonly errno: string;
  readonly text: string;
}

interface Rule {
  readonly code: SyncErrorCode;
  readonly remedy: string;
  readonly when: (failure: Failure, attempt: FailedAttempt) => boolean;
}

/** What dockerode threw, as one SyncError. The only place that knows the engine's words for its troubles. */
export function toSyncError(error: unknown, attempt: FailedAttempt): SyncError {
  if (error instanceof SyncError) return error;
  const failure = readFailure(error);
  const rule = rules.find(({ when }) => when(failure, attempt)) ?? unknownRule(failure);
  const said = attempt.isExpired || attempt.isCancelled ? '' : `: ${asClause(failure.text)}`;
  return new SyncError(rule.code, `Could not ${attempt.action}${said}. ${rule.remedy}`, {
    data: { call: attempt.call, status: failure.status, errno: failure.errno || null },
    cause: error,
  });
}

/** HTTP status of the engine's answer that an error stands for, or null. */
export function statusOf(error: unknown): number | null {
  const status = error instanceof SyncError ? error.data['status'] : null;
  return typeof status === 'number' ? status : null;
}

/** What an engine refuses although the wanted state is there, or is about to be. */
const phrases = {
  notPaused: /is not paused/i,
  sameName: /same name as its current name/i,
  notConnected: /is not connected to (?:the )?network|endpoint .* not found/i,
  alreadyConnected: /already exists in network/i,
  activeEndpoints: /has active endpoints/i,
  removalInProgress: /removal of container .* is already in progress/i,
} as const;

export function engineSays(error: unknown, phrase: keyof typeof phrases): boolean {
  return error instanceof SyncError && phrases[phrase].test(error.message);
}

/** An error that arrived inside a stream which had begun well, such as a pull. */
export function streamFailure(text: string, attempt: Attempt): SyncError {
  return toSyncError(new Error(text), { ...attempt, isExpired: false, isCancelled: false });
}

function readFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { status: null, errno: '', text: String(error) };
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null;
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { status, errno, text: withoutPrefix(error.message) };
}

/** The modem writes `(HTTP code 404) unexpected - No such container: web `. */
function withoutPrefix(message: string): string {
  return message.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '').trim();
}

function asClause(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/[.:\s]+$/, '');
  return line.length > 600 ? `${line.slice(0, 600)}…` : line;
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTSOCK',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE']);

/** First match wins: from what says most to what says least. */
const rules: readonly Rule[] = [
  {
    code: 'Cancelled',
    remedy: 'It was cancelled.',
    when: (_, { isCancelled }) => isCancelled,
  },
  {
    code: 'EngineTimedOut',
    remedy: 'The engine did not answer in time. Look at its load and at its log.',
    when: (_, { isExpired }) => isExpired,
  },
  {
    code: 'EngineUnreachable',
    remedy: 'Is Docker running, and is this its address?',
    when: ({ errno }) => unreachable.has(errno),
  },
  {
    code: 'EngineUnreachable',
    remedy: 'Add this account to the docker group, or run as root.',
    when: ({ errno }) => errno === 'EACCES' || errno === 'EPERM',
  },
  {
    code: 'EngineUnreachable',
    remedy: 'The engine went away in the middle; it is tried again.',
    when: ({ errno, text }) => brokenOff.has(errno) || /^(socket hang up|aborted)$/.test(text),
  },
  {
    code: 'EngineUnreachable',
    remedy: "The engine's certificate is not accepted. Check ca.pem, cert.pem and key.pem.",
    when: ({ errno }) => /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|UNABLE_TO_|SELF_SIGNED)/.test(errno),
  },
  {
    code: 'DiskFull',
    remedy: "Free space on the engine's host: see `docker system df`, then `docker image prune`.",
    when: ({ text }) => /no space left on device|disk quota exceeded/i.test(text),
  },
  {
    code: 'RegistryRateLimited',
    remedy: 'The registry limits how often it may be asked. Wait, or give it credentials.',
    when: ({ status, text }) =>
      status === 429 || /toomanyrequests|too many requests|pull rate limit/i.test(text),
  },
  {
    code: 'ImageNotFound',
    remedy: "Check the image's name; if its repository is private, give credentials for its registry.",
    when: ({ text }) => /repository does not exist or may require/i.test(text),
  },
  {
    code: 'RegistryUnauthorized',
    remedy: "Give credentials for the image's registry, or check the ones that are given.",
    when: ({ status, text }, { thing }) =>
      (thing === 'image' && (status === 401 || status === 403)) ||
      /unauthorized|no basic auth credentials|authentication required|access to the resource is denied/i.test(
        text,
      ),
  },
  {
    code: 'ImageNotFound',
    remedy: "The registry has no such image for this platform. Check the tag and the image's platforms.",
    when: ({ text }) =>
      /no matching manifest for|does not match the (?:specified|detected host) platform/i.test(text),
  },
  {
    code: 'ImageNotFound',
    remedy: "Check the image's name and tag, and that it was pushed.",
    when: ({ status, text }, { thing }) =>
      /manifest unknown|manifest for .* not found|no such image|name unknown|repository name not known/i.test(
        text,
      ) ||
      (thing === 'image' && status === 404),
  },
  {
    code: 'RegistryUnreachable',
    remedy: "Check the registry's address, and that the engine's host can reach it.",
    when: ({ text }, { thing }) =>
      thing === 'image' &&
      /dial tcp|no such host|i\/o timeout|connection refused|connection reset|TLS handshake|x509|HTTP response to HTTPS|request canceled|context deadline|unexpected status|received unexpected HTTP status|\bEOF\b/i.test(
        text,
      ),
  },
  {
    code: 'PortTaken',
    remedy: 'Free the port on the host, or publish another one.',
    when: ({ text }) =>
      /port is already allocated|address already in use|failed to bind host port/i.test(text),
  },
  {
    code: 'NameTaken',
    remedy: 'Rename or remove what has the name; it is not ours to touch.',
    when: ({ text }) =>
      /name "?[^"]*"? is already in use|network with name .* already exists|volume name .* already exists|volume with name .* already exists/i.test(
        text,
      ),
  },
  {
    code: 'EngineRejected',
    remedy: 'Choose a subnet that no other network or interface of the host has.',
    when: ({ text }) =>
      /pool overlaps with other one|predefined address pools have been fully subnetted/i.test(text),
  },
  {
    code: 'EngineRejected',
    remedy: "Install the plugin on the engine's host, or choose another driver.",
    when: ({ text }) => /plugin .* not found/i.test(text),
  },
  {
    code: 'ContainerVanished',
    remedy: 'Somebody removed it meanwhile; the next look decides anew.',
    when: ({ status, text }, { thing }) =>
      /no such container/i.test(text) || (status === 404 && thing === 'container' && text === ''),
  },
  {
    code: 'ResourceVanished',
    remedy: 'Somebody removed it meanwhile; the next look decides anew.',
    when: ({ status, text }, { thing }) =>
      /network .* not found|no such (?:network|volume)/i.test(text) ||
      (status === 404 && (thing === 'network' || thing === 'volume')),
  },
];

function unknownRule({ status }: Failure): Omit<Rule, 'when'> {
  switch (status) {
    case 409:
    case 403:
      return { code: 'EngineConflict', remedy: 'It is tried again.' };
    case 400:
    case 404:
    case 406:
    case 501:
      return { code: 'EngineRejected', remedy: 'The engine does not accept this; change the manifest.' };
    case null:
    default:
      return { code: 'EngineRefused', remedy: "It is tried again; if it stays, look at the engine's log." };
  }
}
