import { isJsonRecord, type Json } from '../model/json.ts';
import { printable } from './printable.ts';

/** A value on one line, shortened, and hidden where its name says that it is nobody's business. */
export function formatValue(path: string, value: Json | undefined): string {
  if (value === undefined) return '(none)';
  if (isSecret(path)) return '(hidden)';
  const text = printable(textOf(path, value)).replaceAll(longId, '$1');
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`;
}

const longestValue = 60;
/** Of a container or an image; twelve digits are enough for people. */
const longId = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;

/** Entries that by their names hold something to keep: a plan is stored, sent and shown. */
export function isSecret(path: string): boolean {
  return secretPlaces.test(path) && secretWords.test(path);
}

const secretPlaces = /^(environment|labels|annotations|logging\.options|options|storage_opt)\./;
const secretWords =
  /passw|passphrase|pwd|secret|token|credential|private|api_?key|access_?key|auth|dsn|_key$|database_url/i;

function textOf(path: string, value: Json): string {
  if (typeof value === 'number') return formatNumber(path, value);
  if (value === null) return '(none)';
  if (path === 'ports' && Array.isArray(value)) return value.map(formatPortBinding).join(' ') || '(none)';
  if (typeof value !== 'string') return JSON.stringify(withoutEmpty(value));
  return value === '' || value !== value.trim() ? JSON.stringify(value) : value;
}

/** As manifests say it: `127.0.0.1:8080:80/udp`. */
function formatPortBinding(binding: Json): string {
  if (!isJsonRecord(binding)) return JSON.stringify(binding);
  const [address, published, target, protocol] = ['host_ip', 'published', 'target', 'protocol'].map((key) =>
    plainText(binding[key]),
  );
  const parts = [address, published, target].filter((part) => part !== '');
  return protocol === 'tcp' ? parts.join(':') : `${parts.join(':')}/${protocol}`;
}

function plainText(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
}

/** Members of a record that say nothing are left out. */
function withoutEmpty(value: Json): Json {
  return isJsonRecord(value) ? Object.fromEntries(Object.entries(value).filter(isSaid)) : value;
}

function isSaid([, member]: readonly [string, Json | undefined]): boolean {
  const isEmptyList = Array.isArray(member) && member.length === 0;
  return member !== null && member !== '' && member !== false && !isEmptyList;
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
