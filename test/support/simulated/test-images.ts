import type { ConfigAnswer, HealthcheckAnswer } from '../../../reconciler/docker/wire.ts';
import type { TestImages } from '../images.ts';
import type { SimulatedHost } from './host.ts';
import { publishImage, type Program } from './images.ts';

interface Recipe {
  readonly name: string;
  readonly config?: ConfigAnswer;
  readonly program?: Program;
}

const check: HealthcheckAnswer = {
  Test: ['CMD-SHELL', 'test ! -e /tmp/sick'],
  Interval: 500_000_000,
  Timeout: 2_000_000_000,
  Retries: 2,
};

/** What `support/images.ts` makes of busybox, as far as an engine sees it. */
const recipes: Readonly<Record<keyof TestImages, Recipe>> = {
  web1: { name: 'web:1' },
  web2: { name: 'web:2', config: { Labels: { answer: '2' } } },
  checked: { name: 'checked:1', config: { Healthcheck: check } },
  slow: {
    name: 'slow:1',
    config: { Healthcheck: check, Cmd: ['/bin/slow'] },
    program: ({ SLOW_SECONDS = '3' }) => ({ exit: null, readyAfterMs: Number(SLOW_SECONDS) * 1000 }),
  },
  crash: {
    name: 'crash:1',
    config: { Cmd: ['/bin/crash'] },
    program: () => ({ exit: { afterMs: 200, code: 1 }, readyAfterMs: 0 }),
  },
  job: {
    name: 'job:1',
    config: { Cmd: ['/bin/job'] },
    program: ({ EXIT_CODE = '0' }) => ({ exit: { afterMs: 5, code: Number(EXIT_CODE) }, readyAfterMs: 0 }),
  },
};

export function publishSimulatedImages(host: SimulatedHost, registryAddress: string): TestImages {
  const published = Object.entries(recipes).map(([key, { name, config, program }]) => {
    const reference = `${registryAddress}/${name}`;
    const common = { Cmd: ['/bin/serve'], ExposedPorts: { '80/tcp': {} }, ...config };
    publishImage(host, reference, { config: common, ...(program && { program }) });
    return [key, reference] as const;
  });
  return Object.fromEntries(published) as unknown as TestImages;
}
