/**
 * What the caller may do about a failure: try again soon, wait for the world to change (the next revision, an
 * operator's act), or stop because trying again gives the same answer.
 */
export type Recovery = 'retry' | 'wait' | 'stop';

/** Every way the world can fail us, and what to do about it. Reasons are API: rename none. */
const recoveries = {
  // git
  SourceUnreachable: 'retry',
  SourceTimedOut: 'retry',
  SourceUnauthorized: 'wait',
  SourceNotFound: 'wait',
  RefNotFound: 'wait',
  RefAdvertisementInvalid: 'retry',
  PackCorrupt: 'retry',
  ObjectMissing: 'retry',
  SourceBehind: 'retry',
  SourceUrlUnsupported: 'stop',
  SourceFormatUnsupported: 'stop',
  SourceTooLarge: 'wait',
  SourcePathNotFound: 'wait',
  HostKeyRejected: 'wait',
  // docker
  EngineUnreachable: 'retry',
  EngineTimedOut: 'retry',
  EngineTooOld: 'stop',
  EngineUnknown: 'wait',
  EngineRefused: 'retry',
  EngineRejected: 'stop',
  EngineConflict: 'retry',
  DiskFull: 'wait',
  ImageNotFound: 'wait',
  RegistryUnauthorized: 'wait',
  RegistryRateLimited: 'retry',
  RegistryUnreachable: 'retry',
  ContainerVanished: 'retry',
  ResourceVanished: 'retry',
  ContainerUnhealthy: 'retry',
  ContainerExited: 'retry',
  JobFailed: 'stop',
  DeadlineExceeded: 'retry',
  PortTaken: 'wait',
  NameTaken: 'wait',
  // store
  StoreUnreachable: 'retry',
  StoreVersionMismatch: 'stop',
  StoreLocked: 'stop',
  StateDirectoryUnwritable: 'stop',
  LeaseLost: 'retry',
  ClockWrong: 'stop',
  // forge
  ForgeUnreachable: 'retry',
  ForgeUnauthorized: 'wait',
  ForgeNotFound: 'wait',
  ForgeRateLimited: 'retry',
  ForgeRejected: 'stop',
  // queue
  QueueUnreachable: 'retry',
  // us
  PlanOutdated: 'stop',
  StillDifferent: 'stop',
  Cancelled: 'retry',
  ConfigInvalid: 'stop',
  FileUnusable: 'stop',
  ListenFailed: 'stop',
  ReceiverRefused: 'stop',
  ReceiverUnreachable: 'retry',
  // control
  DaemonUnreachable: 'wait',
  RequestInvalid: 'stop',
  StackUnknown: 'stop',
  RecordNotFound: 'stop',
} as const satisfies Record<string, Recovery>;

export type SyncErrorCode = keyof typeof recoveries;

export function isSyncErrorCode(text: string): text is SyncErrorCode {
  return Object.hasOwn(recoveries, text);
}

/** Details for machines and for the message's reader. Never a secret, never a file's body. */
export type SyncErrorData = Readonly<Record<string, string | number | boolean | null>>;

export interface SyncErrorOptions {
  readonly data?: SyncErrorData;
  readonly cause?: unknown;
  readonly output?: string;
}

/** The world failed. `message` is a finished sentence: what, which resource, what to do. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: SyncErrorCode;
  readonly data: SyncErrorData;
  /** The last lines of a program that failed; empty where there is no such program. */
  readonly output: string;

  constructor(code: SyncErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
    this.output = options.output ?? '';
  }

  get recovery(): Recovery {
    return recoveries[this.code];
  }
}

export function isSyncError(error: unknown, code?: SyncErrorCode): error is SyncError {
  return error instanceof SyncError && (code === undefined || error.code === code);
}

export function recoveryOf(code: SyncErrorCode): Recovery {
  return recoveries[code];
}
