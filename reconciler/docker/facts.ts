import { apiNeeds, isApiAtLeast, oldestApi } from '../model/api-needs.ts';
import { SyncError, isSyncError } from '../model/error.ts';
import type { EngineInfo } from '../model/observed.ts';
import type { Connection } from './connection.ts';
import { askInfo, askVersion } from './resource-calls.ts';
import type { InfoAnswer, VersionAnswer } from './wire.ts';

/** What an engine is and can do, asked once for as long as it stays the same. */
export interface EngineFacts {
  readonly info: EngineInfo;
  /** What a container on the host's network has as its host name. */
  readonly hostName: string;
  /** Add this to a time that the engine wrote to have it on our clock. */
  readonly clockOffsetMs: number;
  /** Whether the API in use is at least this one, such as `1.44`. */
  readonly supports: (apiVersion: string) => boolean;
}

export interface FactSource {
  read(signal: AbortSignal): Promise<EngineFacts>;
  /** The engine may have been restarted, reconfigured or upgraded: ask again next time. */
  forget(): void;
}

/** The newest that this code was tried against: Docker 28. */
const newestApi = '1.51';

/** Agrees on an API version with the engine. Throws EngineTooOld, or what the connection throws. */
export function createFactSource(connection: Connection): FactSource {
  let facts: Promise<EngineFacts> | null = null;
  return {
    async read(signal) {
      for (;;) {
        const asked = (facts ??= readFacts(connection, signal));
        try {
          return await asked;
        } catch (error) {
          if (facts === asked) facts = null;
          // Another caller asked first and lost interest: that is no reason for us to.
          if (!isSyncError(error, 'Cancelled') || signal.aborted) throw error;
        }
      }
    },
    forget() {
      facts = null;
    },
  };
}

async function readFacts(connection: Connection, signal: AbortSignal): Promise<EngineFacts> {
  const version = await askVersion(connection, signal);
  const apiVersion = agree(version);
  connection.useVersion(apiVersion);
  const askedAt = Date.now();
  const info = await askInfo(connection, signal);
  const engineNow = Date.parse(info.SystemTime ?? '');
  return {
    info: describeEngine(version, info, apiVersion),
    hostName: info.Name,
    clockOffsetMs: Number.isNaN(engineNow) ? 0 : (askedAt + Date.now()) / 2 - engineNow,
    supports: (wanted) => isApiAtLeast(apiVersion, wanted),
  };
}

function agree({ Version, ApiVersion }: VersionAnswer): string {
  if (!isApiAtLeast(ApiVersion, oldestApi)) {
    throw new SyncError(
      'EngineTooOld',
      `Docker ${Version} speaks API ${ApiVersion}; Plimsoll needs ${oldestApi}. Upgrade to Docker 20.10 or later.`,
      { data: { version: Version, apiVersion: ApiVersion } },
    );
  }
  return isApiAtLeast(ApiVersion, newestApi) ? newestApi : ApiVersion;
}

function describeEngine(version: VersionAnswer, info: InfoAnswer, apiVersion: string): EngineInfo {
  return {
    id: info.ID,
    version: version.Version,
    apiVersion,
    os: version.Os,
    architecture: version.Arch,
    defaults: {
      loggingDriver: info.LoggingDriver ?? 'json-file',
      runtime: info.DefaultRuntime ?? 'runc',
      // `--init` of the daemon is told nowhere; it leaves the container's own setting empty.
      init: false,
      cgroup: info.CgroupVersion === '2' ? 'private' : 'host',
    },
    unsupported: listUnsupported(info, apiVersion),
  };
}

function listUnsupported(info: InfoAnswer, apiVersion: string): readonly string[] {
  const missing: readonly (readonly [string, boolean])[] = [
    ['annotations', !isApiAtLeast(apiVersion, apiNeeds.annotations.api)],
    ['cpu_period', info.CpuCfsPeriod === false],
    ['cpu_quota', info.CpuCfsQuota === false],
    ['cpu_shares', info.CPUShares === false],
    ['cpuset', info.CPUSet === false],
    ['healthcheck.start_interval', !isApiAtLeast(apiVersion, apiNeeds['healthcheck.start_interval'].api)],
    ['mem_limit', info.MemoryLimit === false],
    ['mem_reservation', info.MemoryLimit === false],
    ['mem_swappiness', info.CgroupVersion === '2' || info.MemoryLimit === false],
    ['memswap_limit', info.SwapLimit === false],
    ['oom_kill_disable', info.OomKillDisable === false],
    ['pids_limit', info.PidsLimit === false],
  ];
  return missing.flatMap(([path, isMissing]) => (isMissing ? [path] : []));
}
