const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d`: two units at most. */
export function formatDuration(ms: number): string {
  const rounded = Math.max(Math.round(ms / second) * second, 0);
  if (ms < 10 * second) return `${(Math.max(ms, 0) / second).toFixed(1)} s`;
  if (rounded < minute) return `${rounded / second} s`;
  if (rounded < hour) return twoUnits(rounded, [minute, 'min'], [second, 's']);
  if (rounded < day) return twoUnits(rounded, [hour, 'h'], [minute, 'min']);
  return twoUnits(rounded, [day, 'd'], [hour, 'h']);
}

/** `now`, `12 s ago`, `3 min ago`, `5 h ago`, `4 d ago`; `never` for null. */
export function formatAge(at: number | null, now: number): string {
  if (at === null) return 'never';
  const ms = now - at;
  if (ms < 2 * second) return 'now';
  if (ms < minute) return `${Math.floor(ms / second)} s ago`;
  if (ms < hour) return `${Math.floor(ms / minute)} min ago`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h ago`;
  return `${Math.floor(ms / day)} d ago`;
}

/** Local time to the second: `2026-05-04 13:02:09`. */
export function formatInstant(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * minute);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

type Unit = readonly [ms: number, name: string];

function twoUnits(ms: number, large: Unit, small: Unit): string {
  const rest = Math.floor((ms % large[0]) / small[0]);
  const first = `${Math.floor(ms / large[0])} ${large[1]}`;
  return rest === 0 ? first : `${first} ${rest} ${small[1]}`;
}
