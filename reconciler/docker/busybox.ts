import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { SyncError } from '../model/error.ts';
import { findProgram, runOnHost } from './host-command.ts';
import { installFromDebian, type Say } from './install.ts';

/** Path to content; a path below /bin is made executable. */
export type ImageFiles = Readonly<Record<string, string>>;

const accounts: ImageFiles = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

/** A root file system, as a tar stream: a static busybox under all its names, two accounts and the given files. */
export async function packBusybox(files: ImageFiles, say: Say): Promise<Readable> {
  const { program, applets } = await findStaticBusybox(say);
  const tar = pack();
  for (const name of ['bin', 'etc', 'root', 'var', 'www'])
    tar.entry({ name, type: 'directory', mode: 0o755 });
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, program);
  for (const name of applets) tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  for (const [name, content] of Object.entries({ ...accounts, ...files })) {
    tar.entry({ name, mode: name.startsWith('bin/') ? 0o755 : 0o644 }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}

/** Debian's `busybox` has the same path as its `busybox-static`, and needs libraries that an image would lack. */
async function findStaticBusybox(say: Say): Promise<{ program: Buffer; applets: readonly string[] }> {
  if ((await readStaticBusybox()) === undefined) await installFromDebian(['busybox-static'], say);
  const program = await readStaticBusybox();
  if (program === undefined) {
    throw new SyncError('ImageNotFound', 'A stand-in image needs busybox-static, which is not installed.');
  }
  const listed = await runOnHost(['busybox', '--list']);
  return { program, applets: listed.split('\n').filter((name) => name !== '' && name !== 'busybox') };
}

async function readStaticBusybox(): Promise<Buffer | undefined> {
  const path = findProgram('busybox');
  if (path === undefined) return undefined;
  const program = await readFile(path);
  // A dynamic program names its loader in the first page.
  return program.subarray(0, 4096).includes('/ld-') ? undefined : program;
}
