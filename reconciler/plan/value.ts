import type { Json } from '../model/json.ts';
import { printable } from './printable.ts';

/** A value on one line, shortened, and hidden where its name says that it is nobody's business. */
export function formatValue(path: string, value: Json | undefined): string {
  if (value === undefined) return '(none)';
  if (isSecret(path)) return '(hidden)';
  const text = printable(textOf(path, value));
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`;
}

const longestValue = 60;

/** Entries that by their names hold something to keep: a plan is stored, sent and shown. */
export function isSecret(path: string): boolean {
  return secretPlaces.test(path) && secretWords.test(path);
}

const secretPlaces = /^(environment|labels|annotations|logging\.options|options|storage_opt)\./;
const secretWords =
  /passw|passphrase|pwd|secret|token|credential|private|api_?key|access_?key|auth|dsn|_key$|database_url/i;

function textOf(path: string, value: Json): string {
  if (typeof value === 'number') return formatNumber(path, value);
  if (typeof value !== 'string') return value === null ? '(none)' : JSON.stringify(value);
  return value === '' || value !== value.trim() ? JSON.stringify(value) : value;
}

function formatNumber(path: string, value: number): string {
  if (sizes.test(path)) return formatSize(value);
  if (durations.test(path)) return value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`;
  return String(value);
}

const sizes = /^(mem_limit|mem_reservation|memswap_limit|shm_size)$|^mounts\..*\.size$/;
const durations = /^stop_grace_period$|^healthcheck\.(interval|timeout|start_period|start_interval)$/;

/** `512m`, `2g`, as manifests say it; a number of bytes where that is not round. */
function formatSize(bytes: number): string {
  if (bytes < 0) return 'unlimited';
  const unit = sizeUnits.find(([size]) => bytes >= size && bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[0]}${unit[1]}`;
}

const sizeUnits = [
  [1024 ** 3, 'g'],
  [1024 ** 2, 'm'],
  [1024, 'k'],
] as const;
