import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onAbort, pause } from './abort.ts';
import { sshFailure } from './ssh-failure.ts';
import { sshArguments, type SshAddress } from './ssh-options.ts';

/** Longer than ssh gives itself to connect: for a server that accepts and then says nothing. */
const openWithinMs = 20_000;
/** What ssh says of a refused socket comes by another way than the refusal itself. */
const complaintWithinMs = 200;
const mostComplaint = 4_000;

type Ssh = ChildProcessByStdio<null, Readable, Readable>;

/**
 * The socket of an engine on another machine, here. One ssh process carries every call and stream side by side, which a
 * `docker system dial-stdio` for each connection does not; it is started when it is needed, and again after it broke.
 */
export class SshTunnel {
  readonly #address: SshAddress;
  readonly #directory: string;
  readonly socketPath: string;
  #open: Promise<void> | null = null;
  #process: Ssh | null = null;
  #complaint = '';

  constructor(address: SshAddress) {
    this.#address = address;
    this.#directory = mkdtempSync(join(tmpdir(), 'plimsoll-ssh-'));
    this.socketPath = join(this.#directory, 'engine.sock');
  }

  /** Resolves when calls can go through the socket. Throws EngineUnreachable with what ssh said. */
  async open(signal: AbortSignal): Promise<void> {
    this.#open ??= this.#start();
    await Promise.race([this.#open, rejectOnAbort(signal)]);
  }

  /** A call was broken off: what ssh says of it, or the error itself. */
  async explain(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof Error) || !('code' in error) || signal.aborted) return error;
    if (this.#complaint === '') await pause(complaintWithinMs, signal);
    if (!/open failed/i.test(this.#complaint)) return error;
    const failure = sshFailure(this.#address, this.#complaint);
    this.#complaint = '';
    return failure;
  }

  close(): void {
    this.#process?.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    this.#complaint = '';
    const ssh = spawn('ssh', sshArguments(this.#address, this.socketPath), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = ssh;
    ssh.stderr.on('data', (part) => {
      this.#complaint = `${this.#complaint}${String(part)}`.slice(-mostComplaint);
    });
    const watchdog = watchOver(ssh);
    const late = setTimeout(() => ssh.kill(), openWithinMs);
    ssh.once('close', () => {
      watchdog?.stdin?.end('\n');
      this.#open = null;
      this.#process = null;
    });
    try {
      await new Promise<void>((resolve, reject) => {
        ssh.stdout.once('data', () => resolve());
        ssh.once('close', () => reject(sshFailure(this.#address, this.#complaint)));
        ssh.once('error', (error) => {
          this.#open = null;
          reject(sshFailure(this.#address, error.message));
        });
      });
    } finally {
      clearTimeout(late);
    }
  }
}

/** Ends ssh when our process is gone, however it went: the kernel then closes the pipe that the watchdog reads. */
function watchOver({ pid }: ChildProcess): ChildProcess | null {
  if (pid === undefined) return null;
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _ || kill "$0"', String(pid)], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return watchdog;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    else onAbort(signal, abort);
  });
}
