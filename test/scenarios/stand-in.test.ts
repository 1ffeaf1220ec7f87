import Docker from 'dockerode';
import { afterAll, expect, inject, test } from 'vitest';
import { createEngine } from '../../reconciler/docker/engine.ts';
import { makeStandInImage } from '../../reconciler/docker/standin.ts';
import type { SyncEvent } from '../../reconciler/model/event.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { withStandIns } from '../../reconciler/stand-ins.ts';

const { socketPath } = inject('engine');
const docker = new Docker({ socketPath });
const engine = createEngine({
  address: { kind: 'socket', path: socketPath },
  installation: name('stand-in'),
  credentials: async () => null,
});
const { signal } = new AbortController();
/** Nothing answers there, as where there is no network. */
const unreachable = '127.0.0.1:1/acme/web:1';

afterAll(async () => {
  await engine.close();
  await docker.getImage(unreachable).remove({ force: true });
});

function pull(image: string): Plan {
  const operation = { kind: 'pullImage', image, platform: null, policy: 'missing' } as const;
  const step = {
    id: `pull ${image}`,
    after: [],
    resource: { kind: 'stack' },
    operation,
    because: 'a test',
  } as const;
  return {
    format: 1,
    stack: name('shop'),
    engine: name('default'),
    revision: null,
    changes: [],
    findings: [],
    decisions: [],
    steps: [step],
  };
}

async function apply(
  image: string,
): Promise<{ readonly events: readonly SyncEvent[]; readonly said: readonly string[] }> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const make = async (wanted: string): Promise<void> => {
    await makeStandInImage(docker, wanted, { say });
  };
  const events: SyncEvent[] = [];
  const options = { contents: new Map<string, Uint8Array>(), signal };
  for await (const event of withStandIns(engine, { make, say }).apply(pull(image), options))
    events.push(event);
  return { events, said };
}

test('an image of an unreachable registry is replaced by a stand-in of its name, which is said', async () => {
  const { events, said } = await apply(unreachable);
  expect(events.at(-1)).toMatchObject({ kind: 'stepSucceeded', step: `pull ${unreachable}` });
  expect(events.filter(({ kind }) => kind === 'stepFailed')).toEqual([]);
  expect(said[0]).toBe(
    `No registry can be reached for ${unreachable}: a stand-in of that name is made from Debian's busybox.`,
  );
  expect((await docker.getImage(unreachable).inspect()).RepoTags).toContain(unreachable);
});

test('an image that its registry does not have stays an error', async () => {
  const missing = inject('images').web1.replace('web:1', 'nothing:1');
  const { events, said } = await apply(missing);
  expect(events.at(-1)).toMatchObject({ kind: 'stepFailed', code: 'ImageNotFound' });
  expect(said).toEqual([]);
});

test('an image that can be pulled is pulled', async () => {
  const { events, said } = await apply(inject('images').job);
  expect(events.at(-1)).toMatchObject({ kind: 'stepSucceeded' });
  expect(said).toEqual([]);
});
