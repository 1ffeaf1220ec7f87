import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { createPlace, deployAt } from '../support/deployment.ts';
import { services } from '../support/manifest.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { connectTestWorld } from '../support/test-world.ts';

const images = inject('images');
const mounted: string[] = [];

afterEach(() => {
  for (const path of mounted.splice(0)) execFileSync('umount', ['--lazy', path]);
});

test('a state directory that cannot be written is named, with what to do', async () => {
  const directory = mountTmpfs('16m');
  execFileSync('mount', ['-o', 'remount,ro', directory]);
  const place = createPlace({ stateDirectory: join(directory, 'state') });
  const connecting = connectTestWorld({
    ...place,
    repository: place.repository.path,
    notify: () => undefined,
  });
  await expect(connecting).rejects.toMatchObject({
    code: 'StateDirectoryUnwritable',
    message: expect.stringContaining(directory),
  });
});

test('a disk too small for the database is named as such', async () => {
  const directory = mountTmpfs('4m');
  const place = createPlace({ stateDirectory: join(directory, 'state') });
  const connecting = connectTestWorld({
    ...place,
    repository: place.repository.path,
    notify: () => undefined,
  });
  await expect(connecting).rejects.toMatchObject({
    code: 'DiskFull',
    message: expect.stringContaining(directory),
  });
});

test('a disk that fills up stops syncs with a named error; with room again everything goes on by itself', async () => {
  const directory = mountTmpfs('192m');
  const place = createPlace({ stateDirectory: join(directory, 'state') });
  const fleet = await deployAt(place);
  try {
    fleet.commit(services('filled', { web: { image: images.web1 } }));
    expect(await fleet.sync()).toEqual({ filled: 'succeeded' });
    const before = await fleet.containers('filled');

    const filler = join(directory, 'filler');
    fillUp(filler);
    const content = 'x'.repeat(400_000);
    fleet.commit(services('filled', { web: { image: images.web2, configs: [{ target: '/big', content }] } }));
    const failure = await fleet.sync().catch((error: unknown) => error);
    expect(failure === undefined || JSON.stringify(failure)).not.toContain('"filled":"succeeded"');
    expect((await fleet.containers('filled')).map(({ State }) => State.Running)).toEqual(
      before.map(() => true),
    );

    rmSync(filler);
    await fleet.disconnect();
    const again = await deployAt(place);
    await again.sync();
    await again.settle('filled');
    expect((await again.inspect('filled-web-1')).Config.Image).toBe(images.web2);
    expect((await again.plan('filled')).steps).toEqual([]);
    await again.disconnect();
  } finally {
    await fleet.close();
  }
});

function mountTmpfs(size: string): string {
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', directory]);
  mounted.push(directory);
  return directory;
}

/** Writes until nothing more goes in. */
function fillUp(path: string): void {
  const block = Buffer.alloc(1024 * 1024);
  try {
    for (;;) writeFileSync(path, block, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
