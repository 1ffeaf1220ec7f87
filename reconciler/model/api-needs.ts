/** A part of a manifest that came later than the oldest API that we work with. */
export interface ApiNeed {
  /** The API that brought it, such as `1.44`. */
  readonly api: string;
  /** The release of Docker that has it. */
  readonly docker: string;
}

/** Docker 20.10. Whatever is not named below is as old as this, in containers, networks and volumes alike. */
export const oldestApi = '1.41';

/**
 * Everything that a container can ask for and that not every engine we work with has, by its path below `spec`. From the
 * history of the Engine API (docs.docker.com/reference/api/engine/version-history).
 */
export const apiNeeds = {
  annotations: { api: '1.43', docker: '24' },
  'healthcheck.start_interval': { api: '1.44', docker: '25' },
  'mounts.subpath': { api: '1.45', docker: '26' },
} as const satisfies Readonly<Record<string, ApiNeed>>;

/** What a path needs, or null where every engine has it as far as its API goes. */
export function apiNeedOf(path: string): ApiNeed | null {
  const needs: Readonly<Record<string, ApiNeed | undefined>> = apiNeeds;
  return needs[path] ?? null;
}

/** Whether an API is at least as new as another. */
export function isApiAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
