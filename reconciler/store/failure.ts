import postgres from 'postgres';
import { SyncError, type SyncErrorCode } from '../model/error.ts';

/** No statement of ours takes seconds: after this long the server hangs, and the caller must hear of it. */
const longestCallMs = 30_000;

/** The same object, with every failure of the database told as a SyncError and every call ended by a deadline. */
export function guarded<Subject extends object>(subject: Subject, deadlineMs = longestCallMs): Subject {
  return new Proxy(subject, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => withinDeadline(() => Reflect.apply(member, target, args), deadlineMs);
    },
  });
}

async function withinDeadline(work: () => unknown, deadlineMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(hangs(deadlineMs)), deadlineMs);
  });
  try {
    return await Promise.race([work(), deadline]);
  } catch (error) {
    throw toSyncError(error);
  } finally {
    clearTimeout(timer);
  }
}

function hangs(deadlineMs: number): SyncError {
  return new SyncError(
    'StoreUnreachable',
    `The database did not answer within ${deadlineMs / 1000} seconds; ` +
      'check its load and locks, the attempt is repeated by itself.',
  );
}

/** What is no failure of the world (a broken constraint, a type error) is a bug and stays as it is. */
function toSyncError(error: unknown): unknown {
  if (error instanceof SyncError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (error instanceof postgres.PostgresError) {
    const found = serverFailures.find(({ pattern }) => pattern.test(code));
    return found === undefined ? error : syncError(found, error, code);
  }
  return isConnectionFailure(error, code) ? syncError(connectionFailure, error, code) : error;
}

interface Failure {
  readonly code: SyncErrorCode;
  readonly what: string;
  readonly remedy: string;
}

const connectionFailure: Failure = {
  code: 'StoreUnreachable',
  what: 'The database cannot be reached',
  remedy: 'check that the server runs and that its address is right',
};

/** By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const serverFailures: readonly (Failure & { readonly pattern: RegExp })[] = [
  { ...connectionFailure, pattern: /^08/ },
  {
    pattern: /^57(P0[123]|014)$/,
    code: 'StoreUnreachable',
    what: 'The database server is starting, stopping or cancelled the statement',
    remedy: 'nothing need be done, the attempt is repeated by itself',
  },
  {
    pattern: /^(40|55P03|53300|53200)/,
    code: 'StoreUnreachable',
    what: 'The database server is too busy',
    remedy: 'nothing need be done unless it lasts; then raise its limits',
  },
  {
    pattern: /^25006$/,
    code: 'StoreUnreachable',
    what: 'The database is read-only, as a standby is',
    remedy: 'name the primary server',
  },
  {
    pattern: /^(53100|58030)$/,
    code: 'DiskFull',
    what: 'The database cannot write to its disk',
    remedy: 'free space on the disk that holds its data directory',
  },
  {
    pattern: /^(28|3D000|42501)/,
    code: 'ConfigInvalid',
    what: 'The database refused us',
    remedy: 'check user, password and database name, and that the user may create a schema in that database',
  },
];

function syncError(failure: Failure, cause: Error, sqlCode: string): SyncError {
  return new SyncError(failure.code, `${failure.what} (${cause.message}); ${failure.remedy}.`, {
    cause,
    data: { databaseCode: sqlCode },
  });
}

/** The driver's own codes (CONNECTION_CLOSED, CONNECT_TIMEOUT …) and the system's (ECONNREFUSED, ENOENT …). */
function isConnectionFailure(error: Error, code: string): boolean {
  return code.startsWith('CONNECT') || ('syscall' in error && code !== '') || error instanceof AggregateError;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
