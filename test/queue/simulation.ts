import { isDue, lease, newRow, recordHead, release, renew, requestStop, type Row } from './row.ts';

/**
 * Daemons that follow one source with one stack, step by step: every step is one thing that another can come between.
 * What each does is what sync/follow.ts, sync/catch-up.ts, sync/work.ts and sync/lease.ts do.
 */
export interface Simulation {
  /** Newest commit of the repository; commits are numbered. */
  readonly git: number;
  /** What runs. */
  readonly applied: number;
  readonly row: Row;
  /** Every promise that was broken. */
  readonly broken: readonly string[];
}

export interface SimulationOptions {
  readonly seed: number;
  readonly daemons: number;
  readonly steps: number;
}

const ttlMs = 60;

interface Daemon {
  isAlive: boolean;
  /** The commit that it has read, or null. */
  view: number | null;
  look: Look | null;
  work: Work | null;
}

/** A look at the source: head read, then ref read, then recorded, then the hint sent. */
type Look =
  | { readonly at: 'begun'; readonly known: number }
  | { readonly at: 'polled'; readonly known: number; readonly revision: number }
  | { readonly at: 'recorded' };

/** What its worker is at: a hint was taken; the lease is held; it has caught up and applies; it has applied. */
type Work =
  | { readonly at: 'taken' }
  | { readonly at: 'leased'; readonly number: number }
  | { readonly at: 'applying'; readonly number: number; readonly revision: number }
  | { readonly at: 'applied'; readonly number: number; readonly outcome: 'done' | 'stopped' | 'failed' };

/** Runs so many random steps, then lets everything come to rest, with no more harm done, and says what broke. */
export function simulate({ seed, daemons: count, steps }: SimulationOptions): Simulation {
  const random = createRandom(seed);
  const daemons: Daemon[] = Array.from({ length: count }, newDaemon);
  const broken: string[] = [];
  let row = newRow;
  let now = 1_000;
  let git = 1;
  let applied = 0;
  /** The queue: a key waits or not, and is worked on or not; `again` is what came meanwhile. */
  let queue = { waiting: false, active: null as Daemon | null, again: false };

  function enqueue(): void {
    if (queue.active === null) queue = { ...queue, waiting: true };
    else queue = { ...queue, again: true };
  }

  function complete(daemon: Daemon): void {
    if (queue.active === daemon)
      queue = { waiting: queue.waiting || queue.again, active: null, again: false };
  }

  function beginLook(daemon: Daemon): void {
    daemon.look ??= { at: 'begun', known: row.head?.number ?? 0 };
  }

  function goOnLooking(daemon: Daemon): void {
    const { look } = daemon;
    if (look === null) return;
    if (look.at === 'begun') {
      const isSame = daemon.view === git && row.head?.revision === git;
      const isRecorded = daemon.view !== null && row.head?.number === look.known && row.head.revision === git;
      const { known } = look;
      const revision = git;
      const isDone = isSame || isRecorded;
      daemon.look = isDone ? null : { at: 'polled', known, revision };
      if (isRecorded) daemon.view = git;
    } else if (look.at === 'polled') {
      daemon.view = look.revision;
      const recorded = recordHead(row, { revision: look.revision, after: look.known, at: now });
      if (recorded === null) daemon.look = { at: 'begun', known: row.head?.number ?? 0 };
      else {
        row = recorded;
        daemon.look = { at: 'recorded' };
      }
    } else {
      daemon.look = null;
      enqueue();
    }
  }

  function take(daemon: Daemon): void {
    if (daemon.work !== null || !queue.waiting || queue.active !== null) return;
    queue = { waiting: false, active: daemon, again: false };
    daemon.work = { at: 'taken' };
  }

  function goOnWorking(daemon: Daemon): void {
    const { work } = daemon;
    if (work === null) return;
    if (work.at === 'taken') leaseFor(daemon);
    else if (work.at === 'leased') catchUp(daemon, work.number);
    else if (work.at === 'applying') apply(daemon, work);
    else end(daemon, work);
  }

  function leaseFor(daemon: Daemon): void {
    const leased = lease(row, now, ttlMs);
    if (leased === null) {
      daemon.work = null;
      return complete(daemon);
    }
    row = leased;
    daemon.work = { at: 'leased', number: leased.leases };
  }

  /** One that is behind looks, step by step, before it applies; one that cannot read its source gives the stack back. */
  function catchUp(daemon: Daemon, number: number): void {
    if (daemon.view === null) {
      daemon.work = { at: 'applied', number, outcome: 'failed' };
    } else if (row.head !== null && row.head.revision !== daemon.view) {
      beginLook(daemon);
      goOnLooking(daemon);
    } else {
      if (daemons.some((other) => other !== daemon && other.isAlive && other.work?.at === 'applying')) {
        broken.push(`two syncs at once after ${now}`);
      }
      daemon.work = { at: 'applying', number, revision: daemon.view };
    }
  }

  function apply(daemon: Daemon, { number, revision }: Extract<Work, { at: 'applying' }>): void {
    const stop = row.holder?.number === number ? row.holder.stop : 'superseded';
    if (stop === null) {
      if (revision < applied) broken.push(`${revision} was applied over ${applied}`);
      applied = revision;
    }
    daemon.work = { at: 'applied', number, outcome: stop === null ? 'done' : 'stopped' };
  }

  function end(daemon: Daemon, { number, outcome }: Extract<Work, { at: 'applied' }>): void {
    const released = release(row, number, outcome === 'done' ? null : now + (outcome === 'failed' ? 5 : 0));
    if (released === null) broken.push('a worker that renewed lost its lease');
    row = released ?? row;
    daemon.work = null;
    complete(daemon);
  }

  /** Whoever lives renews in time. */
  function pass(ms: number): void {
    now += ms;
    for (const { isAlive, work } of daemons) {
      if (isAlive && work !== null && work.at !== 'taken') row = renew(row, work.number, now + ttlMs) ?? row;
    }
  }

  function kill(daemon: Daemon): void {
    daemon.isAlive = false;
    Object.assign(daemon, { view: null, look: null, work: null });
  }

  /** The server notices that who took the key no longer says so. */
  function recover(): void {
    if (queue.active !== null && (!queue.active.isAlive || queue.active.work === null)) {
      queue = { waiting: true, active: null, again: false };
    }
  }

  function step(harm: boolean): void {
    const daemon = daemons[random(count)];
    if (daemon === undefined) return;
    if (!daemon.isAlive) {
      daemon.isAlive = random(4) === 0;
      return;
    }
    const choice = random(harm ? 20 : 14);
    if (choice < 3) goOnLooking(daemon);
    else if (choice < 4) beginLook(daemon);
    else if (choice < 6) take(daemon);
    else if (choice < 11) goOnWorking(daemon);
    else if (choice < 12) pass(1 + random(25));
    else if (choice < 13) recover();
    else if (choice < 14) net();
    else if (choice < 17) git += 1;
    else if (choice < 18) kill(daemon);
    else if (choice < 19) queue = { waiting: false, active: null, again: false };
    else row = requestStop(row, 'superseded', now) ?? row;
  }

  /** What is due and was not hinted at, or whose hint was lost. */
  function net(): void {
    if (isDue(row, now)) enqueue();
  }

  function isAtRest(): boolean {
    const isIdle = daemons.every(({ isAlive, look, work }) => isAlive && look === null && work === null);
    return isIdle && applied === git && row.requested === row.observed;
  }

  for (let count = 0; count < steps; count += 1) step(true);
  for (let count = 0; count < mostStepsToRest && !isAtRest(); count += 1) step(false);
  if (!isAtRest()) broken.push(`${applied} runs and ${git} should, for ever`);
  return { git, applied, row, broken };
}

/** Far more than a healthy system needs. */
const mostStepsToRest = 5_000;

function newDaemon(): Daemon {
  return { isAlive: true, view: null, look: null, work: null };
}

/** The same numbers for the same seed: mulberry32, from 0 to below the limit. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
