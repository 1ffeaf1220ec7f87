import type { Healthcheck, Mount } from '../model/container.ts';

/** What the engine runs with where a healthcheck says 0, which stands for "not said". Source: moby `daemon/health.go`. */
const healthcheckDefaults = {
  interval: 30_000,
  timeout: 30_000,
  retries: 3,
  start_period: 0,
  start_interval: 5_000,
};

/** The same check always looks the same: no test and `NONE` are null, what is not said is the engine's default. */
export function canonicalHealthcheck(of: Healthcheck | null): Healthcheck | null {
  if (of === null || of.test.length === 0 || of.test[0] === 'NONE') return null;
  return {
    test: of.test,
    interval: of.interval || healthcheckDefaults.interval,
    timeout: of.timeout || healthcheckDefaults.timeout,
    retries: of.retries || healthcheckDefaults.retries,
    start_period: of.start_period,
    start_interval: of.start_interval || healthcheckDefaults.start_interval,
  };
}

/** The engine writes "no limit" as 0 or as a negative number; here it is null. */
export function canonicalLimit(limit: number | null): number | null {
  return limit === null || limit <= 0 ? null : limit;
}

/** As `canonicalLimit`, for limits where -1 has its own meaning. */
export function canonicalSignedLimit(limit: number | null): number | null {
  return limit === 0 ? null : limit;
}

const signalNumbers: Readonly<Record<string, string>> = {
  '1': 'HUP',
  '2': 'INT',
  '3': 'QUIT',
  '6': 'ABRT',
  '9': 'KILL',
  '10': 'USR1',
  '12': 'USR2',
  '15': 'TERM',
};

/** `15`, `TERM` and `SIGTERM` are one signal. */
export function canonicalSignal(signal: string): string {
  const bare = signal.toUpperCase().replace(/^SIG/, '');
  return `SIG${signalNumbers[bare] ?? bare}`;
}

/** A path as Go's `path.Clean` leaves it, which is how the engine stores it; empty stays empty. */
export function cleanPath(path: string): string {
  if (!/\/\/|\/$|(^|\/)\.\.?(\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`;
}

/** Image builders write `/` where nothing was said, the engine writes nothing; both start in the root. */
export function canonicalWorkingDir(path: string): string {
  return path === '' ? '/' : cleanPath(path);
}

export function canonicalMounts(mounts: Readonly<Record<string, Mount>>): Readonly<Record<string, Mount>> {
  return Object.fromEntries(
    Object.entries(mounts).map(([target, mount]) => [cleanPath(target), canonicalMount(mount)]),
  );
}

const anyoneMaySticky = 0o1777;

function canonicalMount(mount: Mount): Mount {
  switch (mount.type) {
    case 'volume':
      return mount;
    case 'bind':
      return { ...mount, source: cleanPath(mount.source) };
    case 'tmpfs':
      return { ...mount, size: canonicalLimit(mount.size), mode: mount.mode ?? anyoneMaySticky };
    default:
      return mount satisfies never;
  }
}

/** `no-new-privileges`, `no-new-privileges:true` and `no-new-privileges=true` are one option. */
export function canonicalSecurityOptions(options: readonly string[]): readonly string[] {
  return options.map((option) => option.replace(/^(no-new-privileges)[:=]true$/, '$1')).sort();
}

const alike: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armhf: 'arm/v7',
  'arm64/v8': 'arm64',
  arm: 'arm/v7',
};

/** `linux/x86_64` is `linux/amd64`, and arm64 has one variant in use. */
export function canonicalPlatform(platform: string | null): string | null {
  if (platform === null || platform === '') return null;
  const slash = platform.indexOf('/');
  const os = platform.slice(0, slash);
  const architecture = platform.slice(slash + 1);
  return slash < 0 ? platform : `${os}/${alike[architecture] ?? architecture}`;
}
