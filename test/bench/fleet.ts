/** Many small services of one stack, the same for the engine by hand, for Compose and for us. */
export interface Fleet {
  readonly stack: string;
  readonly image: string;
  readonly names: readonly string[];
}

export function fleetOf(size: number, options: { readonly image: string; readonly stack: string }): Fleet {
  const names = Array.from({ length: size }, (_, index) => `s${String(index + 1).padStart(3, '0')}`);
  return { ...options, names };
}

/** What sets one version of a fleet apart from another. */
export interface Version {
  /** By service; default 1. */
  readonly releases?: ReadonlyMap<string, number>;
  /** Host port of the first service; default none. */
  readonly port?: number;
  /** More keys of a manifest's spec. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export const stopGraceSeconds = 2;

/** One file a service, JSON being YAML. */
export function fleetManifests(fleet: Fleet, version: Version = {}): Readonly<Record<string, string>> {
  const files = fleet.names.map((name) => {
    const manifest = {
      apiVersion: 'plimsoll.dev/v1',
      kind: 'Service',
      metadata: { name },
      spec: {
        ...commonKeys(fleet, version, name),
        rollout: { min_healthy_time: '0s', healthy_deadline: '1m' },
        ...version.extra,
      },
    };
    return [`stacks/${fleet.stack}/${name}.yaml`, JSON.stringify(manifest, null, 2)];
  });
  return Object.fromEntries(files);
}

export function fleetCompose(fleet: Fleet, version: Version = {}): string {
  const services = fleet.names.map((name) => [name, commonKeys(fleet, version, name)]);
  return JSON.stringify({ name: fleet.stack, services: Object.fromEntries(services) });
}

function commonKeys(fleet: Fleet, version: Version, name: string): Readonly<Record<string, unknown>> {
  const { releases, port } = version;
  const hasPort = port !== undefined && name === fleet.names[0];
  return {
    image: fleet.image,
    environment: { RELEASE: String(releases?.get(name) ?? 1) },
    stop_grace_period: `${stopGraceSeconds}s`,
    ...(hasPort && { ports: [`${port}:80`] }),
  };
}
