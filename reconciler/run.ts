import { createNoticeFeed } from './control/feed.ts';
import { runDaemon } from './daemon.ts';
import type { DockerOptions } from 'dockerode';
import type { EngineAddress } from './docker/connection.ts';
import type { SshTunnel } from './docker/ssh-tunnel.ts';
import type { EngineAccess } from './engine-access.ts';
import { prepareExample, type Example } from './example.ts';
import { name } from './model/ids.ts';
import type { Engine } from './model/ports.ts';
import { requireSources } from './one-shot.ts';
import { createLogReporter, createTextReporter, type Reporter } from './reporter.ts';
import { readSettings, type Settings } from './settings.ts';
import { withStandIns } from './stand-ins.ts';
import type { Surroundings } from './terminal/command.ts';
import { listenForStop } from './terminal/stop.ts';
import { UsageError } from './terminal/usage.ts';

export interface RunRequest extends Surroundings {
  readonly options: {
    readonly config: string | undefined;
    readonly example: string | undefined;
    readonly log: string | undefined;
  };
}

/** Runs the daemon until it is told to stop, in the way that its surroundings ask for. */
export async function run(request: RunRequest): Promise<void> {
  const chosen = await chooseSettings(request);
  const { settings, example } = chosen;
  requireSources(settings);
  const reporter = chooseReporter(request, settings);
  const stop = listenForStop({ onFirst: reporter.onStop });
  const feed = createNoticeFeed();
  feed.subscribe((notice) => reporter.notifier.notify(notice));
  try {
    await runDaemon(settings, {
      feed,
      say: reporter.say,
      onBug: reporter.onBug,
      onReady(world, facts) {
        reporter.onReady(world, facts);
        if (example !== null) introduce(example, reporter);
      },
      ...(example !== null && { dress: (access: EngineAccess) => dressForExample(access, reporter) }),
      signal: stop.signal,
    });
  } finally {
    stop.release();
  }
}

interface Chosen {
  readonly settings: Settings;
  readonly example: Example | null;
}

const examplePollMs = 2_000;

async function chooseSettings({ options, environment, directory }: RunRequest): Promise<Chosen> {
  const asked = { environment, directory };
  if (options.example === undefined) {
    return { settings: await readSettings({ ...asked, configFile: options.config }), example: null };
  }
  const configFile = options.config ?? null;
  const { stateDirectory } = await readSettings({ ...asked, configFile });
  const example = await prepareExample({ name: options.example, stateDirectory, at: Date.now() });
  const source = {
    name: name(example.name),
    repository: example.repository,
    ref: 'HEAD',
    path: '',
    intervalMs: examplePollMs,
    engines: null,
    credentials: null,
  };
  const settings = await readSettings({
    ...asked,
    configFile: configFile ?? example.configFile,
    overrides: { stateDirectory, sources: [source] },
  });
  return { settings, example };
}

/** A log for machines, unless somebody looks on. */
function chooseReporter({ options, terminal }: RunRequest, settings: Settings): Reporter {
  const format = options.log ?? (terminal.isInteractive ? 'text' : 'json');
  switch (format) {
    case 'text':
      return createTextReporter(terminal);
    case 'json':
      return createLogReporter(settings.logLevel);
    default:
      throw new UsageError(`--log should be text or json, not "${format}".`);
  }
}

function introduce({ name: title, repository, isNew }: Example, { say }: Reporter): void {
  say(`The example ${title} is a Git repository of your own${isNew ? ', made just now' : ''}: ${repository}`);
  say('Edit a file there, commit, and watch what happens here.');
}

function dressForExample({ candidate }: EngineAccess, { say }: Reporter): (engine: Engine) => Engine {
  const make = (image: string): Promise<void> => makeStandIn(candidate.address, image, say);
  return (engine) => withStandIns(engine, { make, say });
}

async function makeStandIn(address: EngineAddress, image: string, say: Reporter['say']): Promise<void> {
  const [{ default: Docker }, { makeStandInImage }, { SshTunnel }] = await Promise.all([
    import('dockerode'),
    import('./docker/standin.ts'),
    import('./docker/ssh-tunnel.ts'),
  ]);
  const tunnel = address.kind === 'ssh' ? new SshTunnel(address) : null;
  try {
    await tunnel?.open(AbortSignal.timeout(60_000));
    const docker = new Docker(dockerOptions(address, tunnel));
    await makeStandInImage(docker, image, { say });
  } finally {
    tunnel?.close();
  }
}

function dockerOptions(address: EngineAddress, tunnel: SshTunnel | null): DockerOptions {
  switch (address.kind) {
    case 'socket':
      return { socketPath: address.path };
    case 'tcp': {
      const { host, port, tls } = address;
      return { host, port, ...tls, protocol: tls === null ? 'http' : 'https' };
    }
    case 'ssh':
      return { socketPath: tunnel?.socketPath };
    default:
      return address satisfies never;
  }
}
