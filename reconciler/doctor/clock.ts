import { formatDuration } from '../terminal/time.ts';
import { ok, type Checkup } from './checkup.ts';

export interface ClockReading {
  /** `the engine`, `github.com`. */
  readonly against: string;
  /** Ours less theirs. */
  readonly offsetMs: number;
}

/** Times in history and the ends of health deadlines are compared with the engine's; a web server tells whole seconds. */
const warnAboveMs = 3_000;
const failAboveMs = 60_000;

/** Whether this machine's clock agrees with those that it works with. */
export function checkClock(readings: readonly ClockReading[]): Checkup {
  const [worst] = readings.toSorted((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs));
  if (worst === undefined) {
    const remedy = 'Nothing to do: it is compared once the engine or a source answers.';
    return { part: 'clock', level: 'warn', message: 'There was no other clock to compare with.', remedy };
  }
  const { against, offsetMs } = worst;
  const off = Math.abs(offsetMs);
  if (off <= warnAboveMs)
    return ok('clock', `The clock agrees with ${readings.map((one) => one.against).join(' and ')}.`);
  const message = `The clock is ${formatDuration(off)} ${offsetMs > 0 ? 'ahead of' : 'behind'} ${against}.`;
  const remedy = 'Set both by a time server: `timedatectl set-ntp true`.';
  return { part: 'clock', level: off > failAboveMs ? 'fail' : 'warn', message, remedy };
}

/** The clock of a web server, from the Date of its answer; null when it does not answer or says none. */
export async function readServerClock(url: string, signal: AbortSignal): Promise<ClockReading | null> {
  try {
    const askedAt = Date.now();
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(theirs)) return null;
    // A Date has no fractions: on average it is half a second old.
    return { against: new URL(url).host, offsetMs: (askedAt + Date.now()) / 2 - (theirs + 500) };
  } catch {
    return null;
  }
}
