import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startRelay, type Relay } from '../docker/relay.ts';
import { createDeployment, type Deployment } from '../support/deployment.ts';
import { services, type Spec } from '../support/manifest.ts';

let relay: Relay;
let fleet: Deployment;

const spec = (): Spec => ({ image: inject('images').web1 });

beforeAll(async () => {
  relay = await startRelay(inject('engine').socketPath);
  fleet = await createDeployment({ engine: { socketPath: relay.path } });
  fleet.commit({
    ...services('ill', { first: spec(), second: spec() }),
    ...services('well', { web: spec() }),
  });
  expect(await fleet.sync(), fleet.story()).toEqual({ ill: 'succeeded', well: 'succeeded' });
});

afterAll(async () => {
  await fleet.close();
  await relay.close();
});

test('a container that the engine cannot tell of makes its own stack unknown, and no other', async () => {
  const { Id } = await fleet.inspect('ill-first-1');
  relay.breakAnswers(new RegExp(`^GET \\S*/containers/${Id}/json`));
  await fleet.docker.getContainer('ill-second-1').stop({ t: 1 });
  await fleet.docker.getContainer('well-web-1').stop({ t: 1 });
  expect(await fleet.heal(), fleet.story()).toEqual({ well: 'succeeded' });
  expect((await fleet.inspect('well-web-1')).State.Running).toBe(true);
  expect((await fleet.inspect('ill-second-1')).State.Running).toBe(false);
  const [ill, well] = ['ill', 'well'].map((stack) =>
    fleet.world.statuses.all().find((status) => status.stack === stack),
  );
  expect(ill).toMatchObject({ syncStatus: 'unknown', health: 'unknown' });
  expect(ill?.conditions.find(({ type }) => type === 'Stalled')?.message).toContain('ill-first-1');
  expect(well).toMatchObject({ syncStatus: 'synced', health: 'healthy' });
});

test('a sync of such a stack changes nothing, and says which container it is about', async () => {
  expect(await fleet.ask('ill')).toEqual({ ill: 'unknown' });
  expect((await fleet.inspect('ill-second-1')).State.Running).toBe(false);
  expect((await fleet.history('ill'))[0]?.error).toMatchObject({
    code: 'EngineRefused',
    message: expect.stringContaining('inspect container ill-first-1'),
  });
});

test('what happened meanwhile is healed once the engine tells again', async () => {
  relay.breakAnswers(null);
  expect(await fleet.ask('ill'), fleet.story()).toEqual({ ill: 'succeeded' });
  expect((await fleet.inspect('ill-second-1')).State.Running).toBe(true);
  expect((await fleet.plan('ill')).steps).toEqual([]);
});
