import { SyncError, isSyncError, type SyncErrorCode } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { EngineInfo } from '../model/observed.ts';
import type { Clock, Engine, EngineHearing } from '../model/ports.ts';

/** An engine of the operator's file, connected. */
export interface NamedEngine {
  readonly name: Name;
  /** `unix:///var/run/docker.sock`; never with anything secret in it. */
  readonly host: string;
  readonly engine: Engine;
}

/** What the last look at an engine found; its age is shown, so that one that went silent is seen. */
export interface EngineCheck {
  readonly engine: Name;
  readonly host: string;
  /** Of the last answer; null before the first. */
  readonly info: EngineInfo | null;
  /** Milliseconds since the epoch of the last answer, or null. */
  readonly lastSeenAt: number | null;
  /** Null while it answers, and before it was asked. */
  readonly error: EngineFailure | null;
}

export interface EngineReading extends EngineCheck {
  readonly hearing: EngineHearing;
}

export interface EngineFailure {
  readonly code: SyncErrorCode;
  readonly message: string;
  /** Since when it fails. */
  readonly since: number;
}

/** All engines of an installation. One that fails is noted as such, and is nobody else's matter. */
export interface Engines {
  /** In the order of the operator's file. */
  readonly names: readonly Name[];
  /** For a stack that left its source and of which nobody knows where it ran. */
  readonly byDefault: Name;
  /** Throws EngineUnknown where the operator's file has none of that name. */
  get(name: Name): Engine;
  checks(): readonly EngineReading[];
  close(): Promise<void>;
}

export interface EnginesOptions {
  readonly byDefault: Name;
  readonly clock: Clock;
}

export function createEngines(
  members: readonly NamedEngine[],
  { byDefault, clock }: EnginesOptions,
): Engines {
  const watched = members.map((member) => watch(member, clock));
  return {
    names: members.map(({ name }) => name),
    byDefault,
    get(name) {
      const found = watched.find(({ check }) => check().engine === name);
      if (found !== undefined) return found.engine;
      throw new SyncError(
        'EngineUnknown',
        `The operator's file has no engine ${name}. It has ${members.map((member) => member.name).join(' and ')}.`,
      );
    },
    checks: () => watched.map(({ check, engine }) => Object.assign({ hearing: engine.hearing() }, check())),
    async close() {
      await Promise.all(members.map(({ engine }) => engine.close()));
    },
  };
}

interface WatchedEngine {
  readonly engine: Engine;
  readonly check: () => EngineCheck;
}

/** The engine itself, and a note of how it answered the last time. */
function watch({ name, host, engine }: NamedEngine, clock: Clock): WatchedEngine {
  let check: EngineCheck = { engine: name, host, info: null, lastSeenAt: null, error: null };
  const noting = async <Answer>(
    ask: () => Promise<Answer>,
    infoOf: (answer: Answer) => EngineInfo,
  ): Promise<Answer> => {
    try {
      const answer = await ask();
      check = { ...check, info: infoOf(answer), lastSeenAt: clock.now(), error: null };
      return answer;
    } catch (error) {
      if (isSyncError(error) && error.code !== 'Cancelled') {
        const { code, message } = error;
        check = { ...check, error: { code, message, since: check.error?.since ?? clock.now() } };
      }
      throw error;
    }
  };
  return {
    check: () => check,
    engine: {
      ...engine,
      info: (signal) =>
        noting(
          () => engine.info(signal),
          (info) => info,
        ),
      observe: (request, signal) =>
        noting(
          () => engine.observe(request, signal),
          (observed) => observed.engine,
        ),
    },
  };
}
