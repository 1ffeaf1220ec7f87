import { report, type Place } from './place.ts';
import { suggestion } from './suggestion.ts';

/** `SIGTERM`, or a number. A name that Linux does not have is reported. */
export function readSignal(signal: string | number, place: Place): string {
  const text = String(signal).toUpperCase();
  if (/^[0-9]+$/.test(text)) return text;
  const bare = text.replace(/^SIG/, '');
  if (!names.includes(bare) && !/^RTM(IN(\+\d{1,2})?|AX(-\d{1,2})?)$/.test(bare)) {
    const meant = suggestion(bare, names);
    report(place, 'WrongValue', `should be a signal of Linux, such as "SIGHUP"${meant === '' ? '.' : meant}`);
  }
  return `SIG${bare}`;
}

const names: readonly string[] =
  'HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS'.split(
    ' ',
  );
