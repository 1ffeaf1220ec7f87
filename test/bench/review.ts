import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { createRepositoryAt } from '../support/bare-repository.ts';
import { freePort } from '../support/free-port.ts';
import { startGitServer } from '../support/git-server.ts';
import { startGithub } from '../support/github.ts';
import { services } from '../support/manifest.ts';
import { removeInstallation } from '../support/remove-installation.ts';
import { until } from '../support/until.ts';
import { githubHeaders, secret } from '../webhook/receiving.ts';
import type { Bench } from './context.ts';
import { figure, type Figure } from './figure.ts';
import { plimsoll, startDaemon } from './program.ts';
import { busyWithin, startRecordingRelay, type RecordingRelay } from './recording-relay.ts';

const stacks = 10;
const pushes = 7;
const installation = 'reviewed';
/** GitHub asks for a second between two changes; a push that comes later does not wait for it. */
const pauseOfGithubMs = 1_200;

/** From the delivery of a push to a pull request to its updated comment, with everybody's share of it. */
export async function benchReview(bench: Bench): Promise<readonly Figure[]> {
  bench.say(`pull requests on a repository of ${stacks} stacks`);
  const reviewed = await startReviewed(bench);
  try {
    const journeys: Journey[] = [];
    for (let push = 0; push <= pushes; push += 1) journeys.push(await reviewed.push(push));
    return figuresOf(journeys.slice(1));
  } finally {
    await reviewed.end();
  }
}

interface Journey {
  readonly took: number;
  readonly git: number;
  readonly forge: number;
  readonly own: number;
}

interface Reviewed {
  push(number: number): Promise<Journey>;
  end(): Promise<void>;
}

interface Relays {
  readonly git: RecordingRelay;
  readonly docker: RecordingRelay;
  readonly forge: RecordingRelay;
}

/** A daemon as people run it, with relays before Git, the engine and a stand-in GitHub. */
async function startReviewed(bench: Bench): Promise<Reviewed> {
  const directory = bench.directory(installation);
  const repository = createRepositoryAt(join(directory, 'acme', 'gitops.git'));
  repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  repository.commit(filesOf(bench.image));
  const server = await startGitServer(repository.path, { root: directory });
  const github = await startGithub({ repository });
  const { socketPath } = bench.engine;
  const origin = new URL(server.url).origin;
  const relays: Relays = {
    git: await startRecordingRelay({ origin }),
    docker: await startRecordingRelay({ socketPath, path: join(directory, 'relay.sock') }),
    forge: await startRecordingRelay({ origin: github.url }),
  };
  const listen = `127.0.0.1:${await freePort()}`;
  const address = server.url.replace(origin, `http://${relays.git.address}`);
  const config = join(directory, 'plimsoll.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      installation,
      state_directory: join(directory, 'state'),
      engine: { host: `unix://${relays.docker.address}` },
      listen,
      sources: [{ name: 'main', repository: address, ref: 'main', interval: '1h' }],
      receivers: [{ name: 'github', provider: 'github', secrets: [secret] }],
      forges: [{ provider: 'github', url: `http://${relays.forge.address}`, token: 'x', interval: '1h' }],
    }),
  );
  const daemon = await startDaemon(plimsoll('run', '--config', config, '--log', 'json'), {
    ready: /"ready"/,
  });
  const engine = new Docker({ socketPath });
  const isSynced = (): boolean => github.statuses.filter(({ state }) => state === 'success').length >= stacks;
  await until('every stack is synced', isSynced, 180_000);
  const { number } = github.open(changeOf(bench.image, 0));
  return {
    async push(push) {
      github.push(number, changeOf(bench.image, push + 1));
      const checks = github.checkRuns.length;
      const from = performance.now();
      await deliver(listen, { number, address });
      const shows = (): boolean =>
        github.comments.some(({ body }) => body.includes(`-> ${push + 1}  (commit)`));
      await until(`the comment shows push ${push}`, shows, 60_000);
      const journey = journeyOf(relays, from);
      await until(`push ${push} has its check`, () => github.checkRuns.length > checks, 60_000);
      await sleep(pauseOfGithubMs);
      return journey;
    },
    async end() {
      await daemon.end();
      await removeInstallation(engine, installation);
      await Promise.all([...Object.values(relays), server, github].map((each) => each.close()));
    },
  };
}

function filesOf(image: string): Readonly<Record<string, string>> {
  const each = Array.from({ length: stacks }, (_, stack) =>
    services(`reviewed${stack}`, { web: { image, environment: { RELEASE: '0' } } }),
  );
  return Object.assign({}, ...each) as Record<string, string>;
}

function changeOf(image: string, release: number): Readonly<Record<string, string>> {
  return services('reviewed0', { web: { image, environment: { RELEASE: String(release) } } });
}

interface Delivery {
  readonly number: number;
  readonly address: string;
}

async function deliver(listen: string, { number, address }: Delivery): Promise<void> {
  const body = JSON.stringify({
    action: 'synchronize',
    number,
    pull_request: { number },
    repository: { clone_url: address, default_branch: 'main' },
  });
  const headers = { 'content-type': 'application/json', ...githubHeaders('pull_request', body) };
  const response = await fetch(`http://${listen}/hooks/github`, { method: 'POST', body, headers });
  if (response.status !== 202) throw new Error(`a delivery was answered ${response.status}`);
}

/** Until the forge was asked to change the comment. */
function journeyOf({ git, docker, forge }: Relays, from: number): Journey {
  const isComment = (method: string, path: string): boolean => method !== 'GET' && path.includes('/comments');
  const asked = forge.passages.find(
    ({ startedAt, method, path }) => startedAt > from && isComment(method, path),
  );
  if (asked === undefined) throw new Error('no comment was changed');
  const span = { from, to: asked.endedAt ?? performance.now() };
  const took = span.to - span.from;
  const all = busyWithin([...git.passages, ...docker.passages, ...forge.passages], span);
  return {
    took,
    git: busyWithin(git.passages, span),
    forge: busyWithin(forge.passages, span),
    own: took - all,
  };
}

function figuresOf(journeys: readonly Journey[]): readonly Figure[] {
  return [
    figure(
      'delivery to the comment updated',
      journeys.map(({ took }) => took),
      {
        beside: [
          { what: "Git's share of it", runs: journeys.map(({ git }) => git), goal: null },
          { what: "the forge's share of it", runs: journeys.map(({ forge }) => forge), goal: null },
        ],
        note: `one of ${stacks} stacks changed; the forge is a stand-in in memory`,
      },
    ),
    figure(
      'our own share of the review',
      journeys.map(({ own }) => own),
      { note: 'while neither Git nor the engine nor the forge was asked' },
    ),
  ];
}
