import type {
  HeldPort,
  SimulatedContainer,
  SimulatedEndpoint,
  SimulatedHealth,
  SimulatedHost,
} from './host.ts';

const never = '0001-01-01T00:00:00Z';

/** As `docker inspect` shows it. */
export function describeContainer(host: SimulatedHost, container: SimulatedContainer): object {
  const { id, name, createdAt, imageId, config, hostConfig, mounts, state, restartCount } = container;
  const argv = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    Id: id,
    Name: `/${name}`,
    Created: timeOf(createdAt),
    Path: argv[0] ?? '',
    Args: argv.slice(1),
    Image: imageId,
    RestartCount: restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    State: {
      Status: state.status,
      Running: state.status === 'running' || state.status === 'paused' || state.status === 'restarting',
      Paused: state.status === 'paused',
      Restarting: state.status === 'restarting',
      OOMKilled: false,
      Dead: false,
      Pid: state.status === 'running' || state.status === 'paused' ? pidOf(container) : 0,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.startedAt === null ? never : timeOf(state.startedAt),
      FinishedAt: state.finishedAt === null ? never : timeOf(state.finishedAt),
      ...(state.health !== null && { Health: describeHealth(state.health) }),
    },
    Config: config,
    HostConfig: hostConfig,
    Mounts: mounts,
    NetworkSettings: {
      Ports: describePorts(container),
      Networks: describeEndpoints(host, container, true),
    },
  };
}

/** As one item of `docker ps`, kept as text: a list of ten thousand is mostly the same as the last one. */
export function listContainer(host: SimulatedHost, container: SimulatedContainer): string {
  const status = formatStatus(container);
  if (container.listed?.status === status) return container.listed.json;
  const { id, name, createdAt, imageId, config, hostConfig, mounts, state, ports } = container;
  const json = JSON.stringify({
    Id: id,
    Names: [`/${name}`],
    Image: config.Image,
    ImageID: imageId,
    Command: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])].join(' '),
    Created: Math.floor(createdAt / 1000),
    Ports: ports.map((held) => ({
      IP: held.ip,
      PrivatePort: Number.parseInt(held.target),
      PublicPort: held.port,
      Type: protocolOf(held),
    })),
    Labels: config.Labels,
    State: state.status,
    Status: status,
    HostConfig: { NetworkMode: hostConfig.NetworkMode },
    NetworkSettings: { Networks: describeEndpoints(host, container, false) },
    Mounts: mounts,
  });
  container.listed = { status, json };
  return json;
}

function describeHealth({ status, failingStreak, log }: SimulatedHealth): object {
  const entries = log.map(({ at, exitCode }) => ({
    Start: timeOf(at),
    End: timeOf(at),
    ExitCode: exitCode,
    Output: '',
  }));
  return { Status: status, FailingStreak: failingStreak, Log: entries };
}

/** The list of engine 20.10 leaves the aliases out; inspect adds the short id to them, on networks that have names. */
function describeEndpoints(host: SimulatedHost, container: SimulatedContainer, isWhole: boolean): object {
  const entries = [...container.endpoints].map(
    ([name, endpoint]) => [name, describeEndpoint(host, container, { name, endpoint, isWhole })] as const,
  );
  return Object.fromEntries(entries);
}

interface Shown {
  readonly name: string;
  readonly endpoint: SimulatedEndpoint;
  readonly isWhole: boolean;
}

function describeEndpoint(
  host: SimulatedHost,
  { id, state, config, endpoints }: SimulatedContainer,
  { name, endpoint, isWhole }: Shown,
): object {
  const addsId = Number(host.apiVersion.split('.')[1]) < 45;
  const aliases = addsId && name !== 'bridge' ? [...endpoint.aliases, id.slice(0, 12)] : endpoint.aliases;
  const isFirst = endpoints.keys().next().value === name;
  const hasRun = state.startedAt !== null;
  return {
    IPAMConfig: endpoint.ipam,
    Links: null,
    Aliases: isWhole && aliases.length > 0 ? aliases : null,
    NetworkID: hasRun ? endpoint.network.Id : '',
    EndpointID: endpoint.endpointId,
    Gateway: '',
    IPAddress: endpoint.address,
    IPPrefixLen: endpoint.address === '' ? 0 : 24,
    MacAddress: (isFirst && config.MacAddress) || '',
    DriverOpts: null,
  };
}

function describePorts({ config, ports }: SimulatedContainer): object {
  const keys = new Set([...Object.keys(config.ExposedPorts ?? {}), ...ports.map(({ target }) => target)]);
  const entries = [...keys].map((key) => {
    const held = ports.filter(({ target }) => target === key);
    return [
      key,
      held.length === 0 ? null : held.map(({ ip, port }) => ({ HostIp: ip, HostPort: String(port) })),
    ];
  });
  return Object.fromEntries(entries) as object;
}

function protocolOf({ target }: HeldPort): string {
  return target.split('/')[1] ?? 'tcp';
}

function formatStatus({ state }: SimulatedContainer): string {
  const { status, exitCode, startedAt, finishedAt, health } = state;
  switch (status) {
    case 'created':
      return 'Created';
    case 'exited':
      return `Exited (${exitCode}) ${formatAge(finishedAt)} ago`;
    case 'restarting':
      return `Restarting (${exitCode}) ${formatAge(finishedAt)} ago`;
    case 'paused':
      return `Up ${formatAge(startedAt)} (Paused)`;
    case 'running': {
      const shown =
        health === null ? '' : ` (${health.status === 'starting' ? 'health: starting' : health.status})`;
      return `Up ${formatAge(startedAt)}${shown}`;
    }
    default:
      return status satisfies never;
  }
}

/** go-units' HumanDuration, as far as a test lives. */
function formatAge(since: number | null): string {
  const seconds = Math.floor((Date.now() - (since ?? Date.now())) / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
}

function pidOf({ id, run }: SimulatedContainer): number {
  return 1000 + (Number.parseInt(id.slice(0, 6), 16) % 1_000_000) + run;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
