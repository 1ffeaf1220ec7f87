import { createConnection, type Connection } from '../docker/connection.ts';
import { createFactSource, type EngineFacts } from '../docker/facts.ts';
import { findEngine, type EngineSearch } from '../engine-access.ts';
import type { EngineCandidate } from '../engine-address.ts';
import { apiNeedOf } from '../model/api-needs.ts';
import { isSyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import { ok, type Checkup } from './checkup.ts';

export interface EngineCheckup {
  readonly name: Name;
  readonly checkups: readonly Checkup[];
  /** Add this to a time of the engine to have it on our clock; null when it could not be asked. */
  readonly clockOffsetMs: number | null;
  /** Where the engine keeps its data on this host; null when it is elsewhere or unknown. */
  readonly dataDirectory: string | null;
}

interface StorageAnswer {
  readonly Driver?: string;
  readonly DockerRootDir?: string;
}

export interface NamedSearch extends EngineSearch {
  readonly name: Name;
  /** One of several is told by its name. */
  readonly isOneOfSeveral: boolean;
}

/** Whether there is an engine that we can work with, and which. */
export async function checkEngine(search: NamedSearch): Promise<EngineCheckup> {
  let connection: Connection | null = null;
  try {
    const candidate = await findEngine(search);
    connection = createConnection(candidate.address);
    const facts = await createFactSource(connection).read(search.signal);
    const storage = await askStorage(connection, search.signal);
    const isHere = candidate.address.kind === 'socket';
    return {
      name: search.name,
      checkups: [describe(candidate, facts, storage), ...limits(facts)].map((one) => named(one, search)),
      clockOffsetMs: facts.clockOffsetMs,
      dataDirectory: isHere ? (storage.DockerRootDir ?? null) : null,
    };
  } catch (error) {
    if (!isSyncError(error) || search.signal.aborted) throw error;
    const checkup = { part: 'engine', level: 'fail', message: error.message, remedy: '' } as const;
    return {
      name: search.name,
      checkups: [named(checkup, search)],
      clockOffsetMs: null,
      dataDirectory: null,
    };
  } finally {
    connection?.close();
  }
}

function named(checkup: Checkup, { name, isOneOfSeveral }: NamedSearch): Checkup {
  return isOneOfSeveral ? { ...checkup, message: `${name}: ${checkup.message}` } : checkup;
}

function askStorage(connection: Connection, signal: AbortSignal): Promise<StorageAnswer> {
  const request = { method: 'GET', path: '/info', thing: 'engine', signal } as const;
  return connection.ask({ ...request, call: 'info', action: 'ask the engine about its storage' });
}

function describe(
  { host, namedBy }: EngineCandidate,
  { info }: EngineFacts,
  storage: StorageAnswer,
): Checkup {
  const { version, apiVersion, os, architecture } = info;
  return ok(
    'engine',
    `Docker ${version} (API ${apiVersion}, ${os}/${architecture}, storage ${storage.Driver ?? 'unknown'}) at ${host} (${namedBy}).`,
  );
}

function limits({ info }: EngineFacts): readonly Checkup[] {
  if (info.unsupported.length === 0) return [];
  const message = `This engine cannot honour ${info.unsupported.map(describeMissing).join(', ')}.`;
  const remedy = 'A plan that asks for one of these says so (EN101), and the service runs without it.';
  return [{ part: 'engine', level: 'warn', message, remedy }];
}

function describeMissing(path: string): string {
  const need = apiNeedOf(path);
  return need === null ? `${path} (by its kernel)` : `${path} (from Docker ${need.docker} on)`;
}
