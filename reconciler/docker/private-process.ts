import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The process that runs with this argument, if any. A zombie has no arguments, so that a daemon which was killed and
 * not yet reaped counts as gone; a recycled process id is never mistaken for it.
 */
export function findProcess(argument: string): number | undefined {
  return processIds().find((id) => commandLine(id).includes(argument));
}

/** Whether that very process still runs with this argument: one look, where `findProcess` looks at all. */
export function runsStill(id: number, argument: string): boolean {
  return commandLine(id).includes(argument);
}

/** Whether another dockerd shares our network namespace; one inside a container of its own does not disturb us. */
export function hasOtherDockerd(): boolean {
  const here = networkNamespace('self');
  return processIds().some((id) => {
    const [program = ''] = commandLine(id);
    return /(^|\/)dockerd$/.test(program) && networkNamespace(String(id)) === here;
  });
}

/** Makes the process that runs with this argument read its configuration again. */
export function reloadProcess(argument: string): void {
  const id = findProcess(argument);
  if (id !== undefined) kill(id, 'SIGHUP');
}

/** Asks the process that runs with this argument to end, waits until it has, and kills it after the deadline. */
export async function endProcess(argument: string, deadlineMs: number): Promise<void> {
  const id = findProcess(argument);
  if (id === undefined) return;
  kill(id, 'SIGTERM');
  if (await isGone(id, argument, deadlineMs)) return;
  kill(id, 'SIGKILL');
  await isGone(id, argument, 5_000);
}

/**
 * Ends what a containerd namespace left running: each shim and the container below it. They outlive a daemon that was
 * killed, and would hold their ports and mounts.
 */
export async function endShims(namespace: string, deadlineMs: number): Promise<void> {
  const until = performance.now() + deadlineMs;
  for (let shims = findShims(namespace); shims.length > 0; shims = findShims(namespace)) {
    if (performance.now() > until) shims.forEach(killShim);
    if (performance.now() > until + 5_000) return;
    await sleep(20);
  }
}

function findShims(namespace: string): number[] {
  return processIds().filter((id) => {
    const [program = '', ...args] = commandLine(id);
    return program.includes('containerd-shim') && args.includes(namespace);
  });
}

function killShim(shim: number): void {
  for (const id of processIds()) {
    if (parentOf(id) === shim) kill(id, 'SIGKILL');
  }
  kill(shim, 'SIGKILL');
}

async function isGone(id: number, argument: string, deadlineMs: number): Promise<boolean> {
  const until = performance.now() + deadlineMs;
  while (commandLine(id).includes(argument)) {
    if (performance.now() > until) return false;
    await sleep(20);
  }
  return true;
}

function kill(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch {
    // It ended by itself between the look and the signal.
  }
}

function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function commandLine(id: number): string[] {
  return readProc(`${id}/cmdline`).split('\0');
}

/** The fourth field of stat(5); the second is a name in parentheses that may hold spaces and parentheses itself. */
function parentOf(id: number): number {
  const stat = readProc(`${id}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function networkNamespace(id: string): string | undefined {
  try {
    return readlinkSync(`/proc/${id}/ns/net`);
  } catch {
    return undefined;
  }
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return '';
  }
}
