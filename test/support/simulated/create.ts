import type {
  ConfigAnswer,
  CreateBody,
  EndpointAnswer,
  HostConfigAnswer,
} from '../../../reconciler/docker/wire.ts';
import type { SimulatedContainer, SimulatedHost, SimulatedMount } from './host.ts';
import { requireImage } from './images.ts';
import { tell } from './lookup.ts';
import { attach, requireNetwork } from './networks.ts';
import { Refusal } from './refusal.ts';
import { createVolume } from './volumes.ts';

/** Other clients than ours leave it out where they have nothing to say. */
type AskedBody = Partial<CreateBody>;

/** A container that was never started, as Docker makes it of what was asked for and of the image. */
export function createContainer(host: SimulatedHost, body: AskedBody, asked: string): SimulatedContainer {
  const { HostConfig: hostConfig = {}, NetworkingConfig: networking, ...said }: AskedBody = body;
  const image = requireImage(host, said.Image ?? '');
  const id = host.random.hex(64);
  const name = asked === '' ? `simulated_${id.slice(0, 12)}` : asked.replace(/^\//, '');
  refuseTaken(host, name);
  const config = mergeConfig(said, image.config);
  const container: SimulatedContainer = {
    id,
    name,
    createdAt: Date.now(),
    imageId: image.id,
    config: { ...config, Hostname: said.Hostname || id.slice(0, 12) },
    hostConfig: withDefaults(hostConfig),
    mounts: createMounts(host, hostConfig, config),
    endpoints: new Map(),
    files: new Map(),
    state: { status: 'created', exitCode: 0, error: '', startedAt: null, finishedAt: null, health: null },
    restartCount: 0,
    isStoppedByHand: false,
    ports: [],
    run: 0,
    listed: null,
  };
  attachAtCreation(host, container, networking?.EndpointsConfig ?? {});
  host.containers.set(id, container);
  host.names.set(name, id);
  tell(host, container, { action: 'create' });
  return container;
}

export function refuseTaken(host: SimulatedHost, name: string): void {
  const holder = host.names.get(name);
  if (holder === undefined) return;
  throw new Refusal(
    409,
    `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
}

/** moby `daemon/commit.go`: merge. */
function mergeConfig(said: ConfigAnswer, image: ConfigAnswer): ConfigAnswer {
  const saidEntrypoint = (said.Entrypoint ?? []).length > 0;
  const saidCommand = (said.Cmd ?? []).length > 0;
  return {
    ...said,
    User: said.User || (image.User ?? ''),
    WorkingDir: said.WorkingDir || (image.WorkingDir ?? ''),
    Env: mergeEnvironment(said.Env ?? [], image.Env ?? []),
    Entrypoint: saidEntrypoint ? said.Entrypoint : (image.Entrypoint ?? null),
    Cmd: saidCommand || saidEntrypoint ? (said.Cmd ?? null) : (image.Cmd ?? null),
    Labels: { ...image.Labels, ...said.Labels },
    ExposedPorts: { ...image.ExposedPorts, ...said.ExposedPorts },
    Volumes: { ...image.Volumes, ...said.Volumes },
    StopSignal: said.StopSignal || image.StopSignal,
    Healthcheck: mergeHealthcheck(said.Healthcheck, image.Healthcheck),
  };
}

function mergeEnvironment(said: readonly string[], image: readonly string[]): readonly string[] {
  const names = new Set(said.map((line) => line.split('=')[0]));
  return [...said, ...image.filter((line) => !names.has(line.split('=')[0]))];
}

function mergeHealthcheck(
  said: ConfigAnswer['Healthcheck'],
  image: ConfigAnswer['Healthcheck'],
): ConfigAnswer['Healthcheck'] {
  if (!said || !image) return said ?? image;
  return {
    Test: said.Test && said.Test.length > 0 ? said.Test : image.Test,
    Interval: said.Interval || image.Interval,
    Timeout: said.Timeout || image.Timeout,
    Retries: said.Retries || image.Retries,
    StartPeriod: said.StartPeriod || image.StartPeriod,
    StartInterval: said.StartInterval || image.StartInterval,
  };
}

const mebibyte = 1024 * 1024;

/** What Docker 20.10 on control groups of the first version writes where nothing was said. */
function withDefaults(said: HostConfigAnswer): HostConfigAnswer {
  const memory = said.Memory ?? 0;
  const needsLabel = said.Privileged === true || said.PidMode === 'host' || said.IpcMode === 'host';
  return {
    ...said,
    NetworkMode: said.NetworkMode || 'default',
    RestartPolicy: said.RestartPolicy ?? { Name: '', MaximumRetryCount: 0 },
    LogConfig: { Type: said.LogConfig?.Type || 'json-file', Config: said.LogConfig?.Config ?? {} },
    Runtime: said.Runtime || 'runc',
    ShmSize: said.ShmSize || 64 * mebibyte,
    IpcMode: said.IpcMode || 'private',
    CgroupnsMode: said.CgroupnsMode || 'host',
    MemorySwap: said.MemorySwap || 2 * memory,
    ...(needsLabel && { SecurityOpt: [...(said.SecurityOpt ?? []), 'label=disable'] }),
    MaskedPaths: said.MaskedPaths ?? ['/proc/asound', '/proc/acpi'],
    ReadonlyPaths: said.ReadonlyPaths ?? ['/proc/bus', '/proc/fs'],
  };
}

/** Binds and mounts as asked for, then what the image wants to keep and nobody mounted. */
function createMounts(
  host: SimulatedHost,
  asked: HostConfigAnswer,
  config: ConfigAnswer,
): readonly SimulatedMount[] {
  const points = [...(asked.Binds ?? []).map(readBind), ...(asked.Mounts ?? []).map(readMount)];
  const covered = new Set([
    ...points.map(({ Destination }) => Destination),
    ...Object.keys(asked.Tmpfs ?? {}),
  ]);
  const anonymous = Object.keys(config.Volumes ?? {}).filter((target) => !covered.has(target));
  const wanted = [
    ...points,
    ...anonymous.map((Destination) => ({ Type: 'volume', Name: '', Destination, RW: true })),
  ];
  return wanted.map((point) => {
    if (point.Type !== 'volume') return point;
    const { Name } = createVolume(host, { Name: point.Name ?? '' });
    const { Destination, RW } = point;
    return { Type: 'volume', Name, Destination, RW, Source: `/volumes/${Name}/_data` };
  });
}

function readBind(text: string): SimulatedMount {
  const [source = '', target = source, flags = ''] = text.split(':');
  const options = flags.split(',');
  const RW = !options.includes('ro');
  const Propagation = options.find((option) => /^r?(shared|slave|private)$/.test(option)) ?? 'rprivate';
  return source.startsWith('/')
    ? { Type: 'bind', Source: source, Destination: target, RW, Propagation }
    : { Type: 'volume', Name: source, Destination: target, RW };
}

function readMount(setting: NonNullable<HostConfigAnswer['Mounts']>[number]): SimulatedMount {
  const { Type, Source, Target, ReadOnly, BindOptions } = setting;
  const common = { Type, Destination: Target, RW: ReadOnly !== true };
  return Type === 'volume'
    ? { ...common, Name: Source ?? '' }
    : { ...common, Source: Source ?? '', Propagation: BindOptions?.Propagation ?? 'rprivate' };
}

/** The first network is that of the mode; an engine before API 1.44 takes no other one here. */
function attachAtCreation(
  host: SimulatedHost,
  container: SimulatedContainer,
  asked: Readonly<Record<string, EndpointAnswer>>,
): void {
  const mode = container.hostConfig.NetworkMode ?? 'default';
  if (mode.startsWith('container:')) return;
  const wanted = Object.keys(asked);
  if (wanted.length > 1 && Number(host.apiVersion.split('.')[1]) < 44) {
    throw new Refusal(400, 'Container cannot be connected to network endpoints: ' + wanted.join(', '));
  }
  const first = mode === 'default' ? 'bridge' : mode;
  for (const name of new Set([first, ...wanted])) {
    const endpoint = asked[name] ?? {};
    // A network that does not exist is found out at the start only.
    const network = findQuietly(host, name);
    if (network !== null) attach(container, { network, asked: endpoint });
  }
}

function findQuietly(host: SimulatedHost, name: string) {
  try {
    return requireNetwork(host, name);
  } catch {
    return null;
  }
}
