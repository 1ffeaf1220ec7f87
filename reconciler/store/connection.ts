import postgres from 'postgres';
import { createDialer } from './dial.ts';

/** A server named by a URL, or the one behind a Unix socket that only we can open. */
export type StoreAddress = { readonly url: string } | SocketAddress;

export interface SocketAddress {
  readonly socket: string;
  readonly user: string;
  readonly database: string;
  /** Resolves when it is worth while to connect: whoever started the server knows when it is being started again. */
  readonly ready?: () => Promise<void>;
}

export type Sql = postgres.Sql<StoreTypes>;

/** A connected driver or one of its transactions: what a single statement needs. */
export type Statements = postgres.ISql<StoreTypes>;

// An interface would lack the index signature that the driver's types ask for.
type StoreTypes = { readonly int8: number; readonly text: string; readonly jsonb: unknown };

const connectTimeoutSeconds = 10;
/** A daemon at rest holds no server processes. */
const idleTimeoutSeconds = 30;
/** The embedded server has room for a daemon and several commands beside it. */
const connections = 8;

/** A pool that connects on first use. Column names become camelCase; int8 is a number, jsonb a value. */
export function connect(address: StoreAddress): Sql {
  const options = {
    max: connections,
    connect_timeout: connectTimeoutSeconds,
    idle_timeout: idleTimeoutSeconds,
    socket: createDialer('ready' in address ? address.ready : undefined),
    // No statement takes an array, so the round trip that learns the array types is not needed.
    fetch_types: false,
    connection: { application_name: 'plimsoll' },
    transform: { column: { from: postgres.toCamel } },
    onnotice: ignoreNotice,
    types: { int8, text, jsonb },
  };
  if ('url' in address) return postgres(address.url, options);
  const { socket, user, database } = address;
  return postgres({ ...options, path: socket, user, database, ssl: false });
}

export interface Listening {
  readonly onNotify: (payload: string) => void;
  /** The connection was lost, or could not be made. */
  readonly onClose: () => void;
}

/** One more connection to the same server, for LISTEN: it stays open, and says when it does not. */
export function listener(sql: Sql, { onNotify, onClose }: Listening): postgres.Sql {
  const { options } = sql;
  return postgres({
    ...options,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    onclose: onClose,
    onnotify: (_: string, payload: string) => onNotify(payload),
  } as never);
}

function ignoreNotice(): void {
  // "relation already exists, skipping" and its like would go to standard output.
}

/** Generations, ids and milliseconds: all far below 2^53. */
const int8 = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse: (value: string) => Number(value),
};

/** Postgres cannot hold a NUL in a text: commit messages and error texts show the replacement character instead. */
const text = {
  to: 25,
  from: [25],
  serialize: (value: string) => value.replaceAll('\0', '\u{fffd}'),
  parse: (value: string) => value,
};

const jsonb = {
  to: 3802,
  from: [114, 3802],
  serialize: (value: unknown) => storableJson(JSON.stringify(value)),
  parse: (value: string): unknown => JSON.parse(value),
};

/**
 * Replaces what JSON can escape and jsonb refuses, NUL and lone surrogates, by the replacement character. Escaped
 * backslashes are consumed in pairs, so that a text about `\u0000` stays as it is.
 */
function storableJson(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replaceAll(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (escape) =>
    escape === '\\\\' ? escape : '\u{fffd}',
  );
}
