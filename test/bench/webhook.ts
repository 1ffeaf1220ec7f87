import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request as ask, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import Docker from 'dockerode';
import { freePort } from '../support/free-port.ts';
import { startGitServer } from '../support/git-server.ts';
import { services } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { until } from '../support/until.ts';
import { githubHeaders, githubPush, secret } from '../webhook/receiving.ts';
import type { Bench } from './context.ts';
import { figure, median, time, type Figure } from './figure.ts';
import { plimsoll, startDaemon } from './program.ts';
import { createWorkTree, type WorkTree } from './repository.ts';
import { busyWithin, startRecordingRelay, type RecordingRelay } from './recording-relay.ts';

const stacks = 10;
const pushes = 9;
const batches = 5;
const batchSize = 200;
const installation = 'hooked';

/** From a delivery to the first change on the engine, and how quickly a delivery is answered. */
export async function benchWebhook(bench: Bench): Promise<readonly Figure[]> {
  bench.say(`deliveries, and pushes to a repository of ${stacks} stacks`);
  const hooked = await startHooked(bench);
  try {
    const answers = await sampleAnswers(hooked.url);
    const journeys: Journey[] = [];
    for (let push = 0; push <= pushes; push += 1) journeys.push(await hooked.push(push));
    return [...figuresOfAnswers(answers, await sampleBareAnswers()), ...figuresOfJourneys(journeys.slice(1))];
  } finally {
    await hooked.end();
  }
}

/** What passed between a delivery and the first call that changes something on the engine. */
interface Journey {
  readonly took: number;
  readonly git: number;
  readonly docker: number;
  readonly own: number;
}

interface Hooked {
  readonly url: string;
  push(number: number): Promise<Journey>;
  end(): Promise<void>;
}

/** A daemon as people run it, which would poll in an hour, between relays that write down what it asks. */
async function startHooked(bench: Bench): Promise<Hooked> {
  const directory = bench.directory(installation);
  const repository = createWorkTree(join(directory, 'repository'));
  commitAll(repository, bench.image, 0);
  const server = await startGitServer(repository.path);
  const origin = new URL(server.url).origin;
  const git = await startRecordingRelay({ origin });
  const { socketPath } = bench.engine;
  const docker = await startRecordingRelay({ socketPath, path: join(directory, 'relay.sock') });
  const url = `http://127.0.0.1:${await freePort()}`;
  const address = server.url.replace(origin, `http://${git.address}`);
  const config = join(directory, 'plimsoll.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      installation,
      state_directory: join(directory, 'state'),
      engine: { host: `unix://${docker.address}` },
      listen: url.replace('http://', ''),
      sources: [{ name: 'main', repository: address, ref: 'main', interval: '1h' }],
      receivers: [{ name: 'github', provider: 'github', secrets: [secret] }],
    }),
  );
  const daemon = await startDaemon(plimsoll('run', '--config', config, '--log', 'json'), {
    ready: /"ready"/,
  });
  const engine = new Docker({ socketPath });
  const runs = (stack: number, text: string): Promise<unknown> =>
    until(`stack ${stack} runs ${text}`, () => isRunning(engine, stack, text), 120_000);
  for (let stack = 0; stack < stacks; stack += 1) await runs(stack, 'RELEASE=0');
  return {
    url,
    async push(number) {
      const after = commitAll(repository, bench.image, number + 1);
      const from = performance.now();
      const body = githubPush({ repository: address, after });
      await deliver(url, { body, headers: githubHeaders('push', body) });
      await runs(0, `RELEASE=${number + 1}`);
      return journeyOf({ git, docker, from });
    },
    async end() {
      await daemon.end();
      await removeInstallation(engine, installation);
      await Promise.all([git.close(), docker.close(), server.close()]);
    },
  };
}

/** All stacks, of which a release changes the first. */
function commitAll(repository: WorkTree, image: string, release: number): string {
  const files = Array.from({ length: stacks }, (_, stack) =>
    services(`hooked${stack}`, {
      web: { image, environment: { RELEASE: String(stack === 0 ? release : 0) } },
    }),
  );
  repository.commit(Object.assign({}, ...files) as Record<string, string>);
  return repository.head();
}

async function isRunning(engine: Docker, stack: number, text: string): Promise<boolean> {
  try {
    const { Config, State } = await engine.getContainer(`hooked${stack}-web-1`).inspect();
    return State.Running && (Config.Env ?? []).includes(text);
  } catch {
    return false;
  }
}

interface Recorded {
  readonly git: RecordingRelay;
  readonly docker: RecordingRelay;
  readonly from: number;
}

function journeyOf({ git, docker, from }: Recorded): Journey {
  const first = docker.passages.find(({ startedAt, method }) => startedAt > from && method !== 'GET');
  if (first === undefined) throw new Error('the engine was not told to change anything');
  const span = { from, to: first.startedAt };
  const took = span.to - span.from;
  const both = busyWithin([...git.passages, ...docker.passages], span);
  return {
    took,
    git: busyWithin(git.passages, span),
    docker: busyWithin(docker.passages, span),
    own: took - both,
  };
}

interface Delivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly localAddress?: string;
  readonly agent?: Agent;
}

async function deliver(url: string, { body, headers, ...rest }: Delivery): Promise<void> {
  const sent = ask(`${url}/hooks/github`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    ...rest,
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 202) throw new Error(`a delivery was answered ${response.statusCode}`);
}

/** Batches of deliveries, one after the other, each recorded; of many repositories and addresses, as limits are theirs. */
async function sampleAnswers(url: string): Promise<readonly (readonly number[])[]> {
  const samples: (readonly number[])[] = [];
  for (let batch = 0; batch <= batches; batch += 1) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const localAddress = `127.0.3.${batch + 1}`;
    const took: number[] = [];
    for (let index = 0; index < batchSize; index += 1) {
      const body = githubPush({ repository: `https://github.com/acme/r${batch}-${index}` });
      const headers = githubHeaders('push', body);
      took.push(await time(() => deliver(url, { body, headers, localAddress, agent })));
    }
    agent.destroy();
    samples.push(took);
  }
  return samples.slice(1);
}

/** Reads the body, verifies it, and answers: what no receiver can do without. */
const bareReceiver = `
const { createHmac } = require('node:crypto');
const server = require('node:http').createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const hash = createHmac('sha256', process.env.SECRET).update(Buffer.concat(parts)).digest('hex');
    response.writeHead(request.headers['x-hub-signature-256'] === 'sha256=' + hash ? 202 : 401).end('{}');
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
process.once('SIGTERM', () => server.close(() => process.exit()) && server.closeAllConnections());
`;

async function sampleBareAnswers(): Promise<readonly (readonly number[])[]> {
  const port = await freePort();
  const child = spawn(process.execPath, ['-e', bareReceiver], {
    env: { SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  try {
    return await sampleAnswers(`http://127.0.0.1:${port}`);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

function figuresOfAnswers(
  ours: readonly (readonly number[])[],
  bare: readonly (readonly number[])[],
): readonly Figure[] {
  const what = 'a bare server that verifies';
  return [
    figure('answer to a delivery, median', ours.map(median), {
      beside: [{ what, runs: bare.map(median), goal: null }],
      note: `${batches} batches of ${batchSize}, each on record before it is answered`,
    }),
    figure('answer to a delivery, 99th percentile', ours.map(highest), {
      beside: [{ what, runs: bare.map(highest), goal: null }],
      note: median(ours.map(highest)) < 50 ? 'below 50 ms: met' : 'the goal is 50 ms: MISSED',
    }),
  ];
}

/** The 99th percentile. */
function highest(runs: readonly number[]): number {
  return runs.toSorted((left, right) => left - right)[Math.ceil(runs.length * 0.99) - 1] ?? Number.NaN;
}

function figuresOfJourneys(journeys: readonly Journey[]): readonly Figure[] {
  return [
    figure(
      'delivery to the first change on the engine',
      journeys.map(({ took }) => took),
      {
        beside: [
          { what: "Git's share of it", runs: journeys.map(({ git }) => git), goal: null },
          { what: "the engine's share of it", runs: journeys.map(({ docker }) => docker), goal: null },
        ],
        note: `one of ${stacks} stacks changed`,
      },
    ),
    figure(
      'our own share of it',
      journeys.map(({ own }) => own),
      { note: 'while neither Git nor the engine was asked' },
    ),
  ];
}
