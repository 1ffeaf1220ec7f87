import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Account } from './account.ts';

/**
 * Stops the server when our process is gone, however it went: the kernel then closes the pipe that the watchdog
 * reads. Node offers no "signal me when my parent dies". Where there is no shell, and where the watchdog is killed
 * too, the server stays until the next start ends it.
 */
export function watchOver(processId: number, account: Account | null): { readonly dismiss: () => void } {
  const child = spawn('/bin/sh', ['-c', 'read -r _ || kill -INT "$0"', String(processId)], {
    ...account,
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return { dismiss: () => child.stdin.end('\n') };
}
