import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { installDocker } from '../../reconciler/docker/install.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const packages = 'docker.io iproute2 iptables';
const install = `install -y --no-install-recommends ${packages}`;

afterEach(() => vi.unstubAllEnvs());

/** An apt-get that writes down what it is asked and ends as told, call by call; the last holds for all that follow. */
function standInForApt(...codes: readonly number[]): () => string {
  const folder = temporaryDirectory();
  const log = join(folder, 'log');
  const exits = codes.map((code, index) => `[ "$calls" -gt ${index + 1} ] || exit ${code}`).join('\n');
  const program = `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${log}\ncalls=$(wc -l < ${log})\necho "apt says no" >&2\n${exits}\nexit ${codes.at(-1)}\n`;
  writeFileSync(join(folder, 'apt-get'), program);
  chmodSync(join(folder, 'apt-get'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
  return () => readFileSync(log, 'utf8');
}

test.runIf(process.getuid?.() === 0)(
  'Docker is installed from the packages, and that is said first',
  async () => {
    const asked = standInForApt(0);
    const said: string[] = [];
    await installDocker((line) => void said.push(line));
    expect(said).toEqual([`installing ${packages.replaceAll(' ', ', ')} from the distribution's packages`]);
    expect(asked()).toBe(`noninteractive ${install}\n`);
  },
);

test.runIf(process.getuid?.() === 0)('an old list of packages is brought up to date, once', async () => {
  const asked = standInForApt(100, 0);
  await installDocker(() => undefined);
  expect(asked()).toBe(`noninteractive ${install}\nnoninteractive update\nnoninteractive ${install}\n`);
});

test.runIf(process.getuid?.() === 0)(
  'what the installation failed with is told with its command',
  async () => {
    standInForApt(100);
    await expect(installDocker(() => undefined)).rejects.toMatchObject({
      code: 'EngineUnreachable',
      message: '`apt-get update` failed: apt says no',
    });
  },
);
