import type Docker from 'dockerode';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';

/** The images that a run's registry has, by what they do. Values are full names, ready to be pulled. */
export interface TestImages {
  /** Answers `web 1` on port 80, or what the environment's PORT says. */
  readonly web1: string;
  /** The same with another answer, and so another digest. */
  readonly web2: string;
  /** As web1, with a health check that fails while /tmp/sick exists. */
  readonly checked: string;
  /** Listens, and becomes healthy, after SLOW_SECONDS, by default 3. */
  readonly slow: string;
  /** Exits with 1 after a fifth of a second. */
  readonly crash: string;
  /** Prints `done` and exits with EXIT_CODE, by default 0. */
  readonly job: string;
}

interface Recipe {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly changes?: readonly string[];
}

/** Twice a second, so that a test waits for a check and not for its interval. */
const check =
  'HEALTHCHECK --interval=500ms --timeout=2s --retries=2 CMD test ! -e /tmp/sick && wget -qO- http://localhost/ > /dev/null';

const recipes: Readonly<Record<keyof TestImages, Recipe>> = {
  web1: { name: 'web:1', files: { 'www/index.html': 'web 1\n' } },
  web2: { name: 'web:2', files: { 'www/index.html': 'web 2\n' } },
  checked: { name: 'checked:1', files: { 'www/index.html': 'checked 1\n' }, changes: [check] },
  slow: {
    name: 'slow:1',
    files: { 'bin/slow': script('trap "exit 0" TERM', 'sleep "${SLOW_SECONDS:-3}" & wait', 'exec serve') },
    changes: ['CMD ["/bin/slow"]', check],
  },
  crash: {
    name: 'crash:1',
    files: { 'bin/crash': script('echo crashing >&2', 'sleep 0.2', 'exit 1') },
    changes: ['CMD ["/bin/crash"]'],
  },
  job: {
    name: 'job:1',
    files: { 'bin/job': script('echo done', 'exit "${EXIT_CODE:-0}"') },
    changes: ['CMD ["/bin/job"]'],
  },
};

/** Makes the images, pushes them and removes them from the engine, so that the first use is a real pull. */
export async function publishTestImages(docker: Docker, registryAddress: string): Promise<TestImages> {
  const published = Object.entries(recipes).map(async ([key, recipe]) => {
    const name = `${registryAddress}/${recipe.name}`;
    await publish(docker, name, recipe);
    return [key, name] as const;
  });
  return Object.fromEntries(await Promise.all(published)) as unknown as TestImages;
}

async function publish(docker: Docker, name: string, { files = {}, changes = [] }: Recipe): Promise<void> {
  await makeStandInImage(docker, name, { files, changes, say: () => undefined });
  const image = docker.getImage(name);
  const stream = await image.push({ authconfig: {} });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, events: { readonly error?: string }[]) => {
      const failure = error?.message ?? events.find((event) => event.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(new Error(`${name} could not be pushed: ${failure}`));
    });
  });
  await image.remove();
}

function script(...lines: readonly string[]): string {
  return ['#!/bin/sh', ...lines, ''].join('\n');
}
