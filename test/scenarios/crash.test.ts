import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import {
  createDeployment,
  createPlace,
  deployAt,
  type Deployment,
  type Place,
} from '../support/deployment.ts';
import type { DoomedOptions } from '../support/doomed.ts';
import { startTestEngine } from '../support/engine.ts';
import { services, stack, type Spec } from '../support/manifest.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { connectTestWorld } from '../support/test-world.ts';
import { until } from '../support/until.ts';

const images = inject('images');

test('killed in place of any write, it goes on from there: nothing doubled, nothing left over', async () => {
  const place = createPlace();
  let diesAtWrite = 0;
  let isAlive = false;
  while (!isAlive) {
    diesAtWrite += 1;
    const release = String(diesAtWrite);
    place.repository.commit(killedStack(release));
    isAlive = await runDoomed(place, { diesAtWrite });
    const fleet = await deployAt(place);
    await fleet.sync();
    await fleet.settle('killed');
    await expectRelease(fleet, release);
    await fleet.disconnect();
  }
  expect(diesAtWrite).toBeGreaterThan(20);
  await (await deployAt(place)).close();
}, 600_000);

test('a second daemon on one state directory is refused, and the first goes on', async () => {
  const place = createPlace();
  const fleet = await deployAt(place);
  try {
    const second = connectTestWorld({ ...place, repository: place.repository.path, notify: () => undefined });
    await expect(second).rejects.toMatchObject({
      code: 'StoreLocked',
      message: expect.stringContaining(place.stateDirectory),
    });
    fleet.commit(services('refused', { web: { image: images.web1 } }));
    expect(await fleet.sync()).toEqual({ refused: 'succeeded' });
  } finally {
    await fleet.close();
  }
});

test('an engine that is killed in the middle of a sync is waited for, and the sync is finished when it is back', async () => {
  const directory = join(temporaryDirectory(), 'engine');
  let engine = await startTestEngine(directory);
  const fleet = await createDeployment({ engine });
  const daemon = fleet.run();
  try {
    const web: Spec = { image: images.slow, environment: { SLOW_SECONDS: '1' }, restart: 'unless-stopped' };
    fleet.commit(
      services('survivor', {
        one: web,
        two: { ...web, depends_on: { one: { condition: 'service_healthy' } } },
      }),
    );
    await until('the first service waits for health', () =>
      fleet.notices.some(
        (notice) =>
          notice.kind === 'syncProgress' &&
          notice.event.kind === 'stepStarted' &&
          notice.event.step.startsWith('await '),
      ),
    );
    process.kill(engine.processId, 'SIGKILL');
    await until('the loss is noticed', () =>
      fleet.notices.some((notice) => notice.kind === 'syncFinished' && notice.outcome !== 'succeeded'),
    );
    engine = await startTestEngine(directory);
    await until(
      'the stack is synced',
      () =>
        fleet.world.statuses
          .all()
          .some(({ syncStatus, health }) => syncStatus === 'synced' && health === 'healthy'),
      60_000,
    );
    const containers = await fleet.containers('survivor');
    expect(containers.map(({ Name, State }) => [Name, State.Running])).toEqual([
      ['/survivor-one-1', true],
      ['/survivor-two-1', true],
    ]);
    expect((await fleet.plan('survivor')).steps).toEqual([]);
  } finally {
    await daemon.stop();
    await fleet.disconnect();
    await engine.close();
  }
});

function killedStack(release: string): Readonly<Record<string, string>> {
  const common: Spec = { image: images.web1, environment: { RELEASE: release } };
  return {
    'stacks/killed/stack.yaml': stack({ volumes: { data: {} } }),
    ...services('killed', {
      web: {
        ...common,
        depends_on: { migrate: { condition: 'service_completed_successfully' } },
      },
      db: { ...common, volumes: ['data:/data'], rollout: { strategy: 'recreate', min_healthy_time: '0s' } },
      migrate: { ...common, image: images.job, depends_on: ['db'] },
    }),
  };
}

/** False when it was killed. */
async function runDoomed(place: Place, { diesAtWrite }: { diesAtWrite: number }): Promise<boolean> {
  const options: DoomedOptions = { ...place, repository: place.repository.path, diesAtWrite };
  const program = new URL('../support/doomed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the doomed one ended with ${code}: ${complaint}`);
  return code === 0;
}

async function expectRelease(fleet: Deployment, release: string): Promise<void> {
  const containers = await fleet.containers('killed');
  expect(containers.map(({ Name, State }) => [Name, State.Status])).toEqual([
    ['/killed-db-1', 'running'],
    ['/killed-migrate-1', 'exited'],
    ['/killed-web-1', 'running'],
  ]);
  for (const { Config } of containers) expect(Config.Env).toContain(`RELEASE=${release}`);
  const { Volumes } = await fleet.docker.listVolumes();
  expect(Volumes.map(({ Name }) => Name).filter((name) => name.startsWith('killed_'))).toEqual([
    'killed_data',
  ]);
  const networks = await fleet.docker.listNetworks();
  expect(networks.map(({ Name }) => Name).filter((name) => name.startsWith('killed_'))).toEqual([
    'killed_default',
  ]);
  expect((await fleet.plan('killed')).steps).toEqual([]);
}
