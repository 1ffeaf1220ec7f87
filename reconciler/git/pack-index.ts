import { access, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Which of these objects a repository does not hold, from the indexes of its packs and its loose objects, without
 * reading any object. Throws RangeError when an index is not what it should be.
 */
export async function findMissing(gitdir: string, ids: Iterable<string>): Promise<readonly string[]> {
  const indexes = await readPackIndexes(join(gitdir, 'objects', 'pack'));
  const unpacked = [...ids].filter((id) => !indexes.some((index) => hasId(index, id)));
  const found = await Promise.all(unpacked.map((id) => isLoose(gitdir, id)));
  return unpacked.filter((_id, position) => found[position] !== true);
}

/** Only an index beside its pack counts. */
async function readPackIndexes(directory: string): Promise<readonly Buffer[]> {
  const names = new Set(await readdir(directory));
  const paths = [...names]
    .filter((name) => name.endsWith('.idx') && names.has(name.replace(/idx$/, 'pack')))
    .map((name) => join(directory, name));
  const indexes = await Promise.all(paths.map((path) => readFile(path)));
  for (const index of indexes) assertVersion2(index);
  return indexes;
}

const headerBytes = 8;
const fanoutBytes = 256 * 4;
const idBytes = 20;

/** gitformat-pack: magic, version 2, a fanout of 256 running counts, then the sorted ids. */
function assertVersion2(index: Buffer): void {
  if (index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) {
    throw new RangeError('a pack index has an unknown format');
  }
  if (index.byteLength < headerBytes + fanoutBytes + countBelow(index, 256) * idBytes) {
    throw new RangeError('a pack index is cut short');
  }
}

/** How many ids of the index begin with a byte below `first`. */
function countBelow(index: Buffer, first: number): number {
  return first === 0 ? 0 : index.readUInt32BE(headerBytes + (first - 1) * 4);
}

function hasId(index: Buffer, hex: string): boolean {
  const id = Buffer.from(hex, 'hex');
  const first = id.readUInt8(0);
  let low = countBelow(index, first);
  let high = countBelow(index, first + 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = headerBytes + fanoutBytes + middle * idBytes;
    const order = id.compare(index, at, at + idBytes);
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}

async function isLoose(gitdir: string, id: string): Promise<boolean> {
  try {
    await access(join(gitdir, 'objects', id.slice(0, 2), id.slice(2)));
    return true;
  } catch {
    return false;
  }
}
