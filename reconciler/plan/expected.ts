import type { ContainerIntent, ContainerSpec, Healthcheck, Mount } from '../model/container.ts';
import type { EngineDefaults, ImageConfig } from '../model/observed.ts';
import { unsaidSpec } from './unsaid.ts';

/**
 * The container that an engine makes of what a person said: Docker's own merge of intent, image and engine
 * defaults (moby `daemon/commit.go` merge, `daemon/daemon_unix.go` adaptContainerSettings). Where the value is the
 * engine's own to choose, a placeholder stands; `fields.ts` says which fields these are.
 */
export function expectedSpec(
  intent: ContainerIntent,
  image: ImageConfig,
  engine: EngineDefaults,
): ContainerSpec {
  return {
    ...unsaidSpec(engine),
    ...intent,
    ...argumentsOf(intent, image),
    environment: { ...image.environment, ...intent.environment },
    labels: { ...image.labels, ...intent.labels },
    user: intent.user === undefined || intent.user === '' ? image.user : intent.user,
    working_dir:
      intent.working_dir === undefined || intent.working_dir === '' ? image.working_dir : intent.working_dir,
    expose: exposed(intent, image),
    mounts: { ...imageVolumes(image), ...intent.mounts },
    healthcheck: inheritHealthcheck(intent.healthcheck, image.healthcheck),
    stop_signal: intent.stop_signal ?? (image.stop_signal === '' ? 'SIGTERM' : image.stop_signal),
    network_mode: intent.network_mode ?? (hasNetworks(intent) ? 'networks' : 'bridge'),
    logging:
      intent.logging === undefined
        ? { driver: engine.loggingDriver, options: {} }
        : loggingOf(intent, engine),
    memswap_limit: memoryAndSwap(intent),
  };
}

/** An image that brings nothing along, for a comparison with what was said alone. */
export const emptyImage: ImageConfig = {
  command: [],
  entrypoint: [],
  environment: {},
  user: '',
  working_dir: '',
  labels: {},
  expose: [],
  volumes: [],
  healthcheck: null,
  stop_signal: '',
  platform: '',
};

type Arguments = Pick<ContainerSpec, 'entrypoint' | 'command'>;

/** An entrypoint that was said drops the image's command, since that was meant for the image's entrypoint. */
function argumentsOf(intent: ContainerIntent, image: ImageConfig): Arguments {
  const { entrypoint = image.entrypoint, command = [] } = intent;
  const saidEntrypoint = intent.entrypoint !== undefined && intent.entrypoint.length > 0;
  return { entrypoint, command: command.length > 0 || saidEntrypoint ? command : image.command };
}

function exposed(intent: ContainerIntent, image: ImageConfig): readonly string[] {
  const published = (intent.ports ?? []).map(({ target, protocol }) => `${target}/${protocol}`);
  return [...new Set([...(intent.expose ?? []), ...published, ...image.expose])].sort();
}

function imageVolumes(image: ImageConfig): Readonly<Record<string, Mount>> {
  return Object.fromEntries(image.volumes.map((target) => [target, anonymousVolume]));
}

const anonymousVolume: Mount = { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' };

/** What is not said of a check (an empty test, a zero) is the image's. */
function inheritHealthcheck(
  said: Healthcheck | null | undefined,
  image: Healthcheck | null,
): Healthcheck | null {
  if (said === undefined || said === null) return image;
  if (image === null) return said;
  return {
    test: said.test.length > 0 ? said.test : image.test,
    interval: said.interval || image.interval,
    timeout: said.timeout || image.timeout,
    retries: said.retries || image.retries,
    start_period: said.start_period || image.start_period,
    start_interval: said.start_interval || image.start_interval,
  };
}

function hasNetworks({ networks }: ContainerIntent): boolean {
  return networks !== undefined && Object.keys(networks).length > 0;
}

function loggingOf({ logging }: ContainerIntent, engine: EngineDefaults): ContainerSpec['logging'] {
  const { driver, options } = logging ?? { driver: '', options: {} };
  return { driver: driver === '' ? engine.loggingDriver : driver, options };
}

/** The engine allows as much swap as memory unless told otherwise. */
function memoryAndSwap({ mem_limit, memswap_limit }: ContainerIntent): number | null {
  if (memswap_limit !== undefined && memswap_limit !== null) return memswap_limit;
  return mem_limit === undefined || mem_limit === null ? null : 2 * mem_limit;
}
