import { createSignal, type JSX } from 'solid-js';

const [now, setNow] = createSignal(Date.now());
setInterval(() => setNow(Date.now()), 1_000);

export { now };

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** How long ago, with the time itself behind it, in the zone of whoever looks. */
export function Ago(props: { readonly at: number | null }): JSX.Element {
  return (
    <time
      datetime={props.at === null ? undefined : new Date(props.at).toISOString()}
      title={props.at === null ? undefined : absolute.format(props.at)}
    >
      {props.at === null ? 'never' : formatAgo(now() - props.at)}
    </time>
  );
}

/** Clocks differ a little, and nothing shown here lies ahead. */
function formatAgo(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['second', 1_000];
  return relative.format(-Math.floor(Math.max(ms, 0) / size), unit);
}

export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}
