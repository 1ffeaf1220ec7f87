/** One entry of a tree object, its name not yet judged. */
export interface TreeEntry {
  readonly kind: 'directory' | 'file' | 'symlink' | 'submodule' | 'unknown';
  readonly id: string;
  /** Null when the bytes are not UTF-8. */
  readonly name: string | null;
  /** For messages: control characters and invalid bytes are escaped. */
  readonly shown: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a tree object: `<octal mode> <name>\0<20 bytes of id>` over and over. We parse it ourselves because
 * isomorphic-git throws on a whole tree for one backslash, and decodes a name that is not UTF-8 with loss.
 * Throws RangeError when the object is cut short.
 */
export function parseTree(body: Uint8Array): readonly TreeEntry[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space + 1);
    if (space < 0 || end < 0 || end + 21 > bytes.length) throw new RangeError('a tree object is cut short');
    const name = decodeName(bytes.subarray(space + 1, end));
    entries.push({
      kind: kindOf(bytes.toString('latin1', at, space)),
      id: bytes.toString('hex', end + 1, end + 21),
      name,
      shown: showName(name ?? escapeBytes(bytes.subarray(space + 1, end))),
    });
    at = end + 21;
  }
  return entries;
}

function decodeName(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Old trees carry 100664 and other permission bits; only the type counts. */
function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000' || mode === '040000') return 'directory';
  if (mode === '120000') return 'symlink';
  if (mode === '160000') return 'submodule';
  return /^100[0-7]{3}$/.test(mode) ? 'file' : 'unknown';
}

/** A name as one printable line. */
export function showName(name: string): string {
  return name
    .replace(
      /[\x00-\x1f\x7f-\x9f]/g,
      (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    .slice(0, 255);
}

/** Like a C string: what is not ASCII becomes `\xff`. */
function escapeBytes(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}

/** Why a name cannot be part of a path, as the end of a sentence; null when it can. */
export function refusalOf(name: string | null): string | null {
  if (name === null) return 'its name is not valid UTF-8';
  if (name === '' || name === '.' || name === '..') return 'its name would lead out of its directory';
  if (name.includes('/') || name.includes('\\')) return 'its name holds a path separator';
  if (/[\x00-\x1f\x7f]/.test(name)) return 'its name holds a control character';
  if (name.toLowerCase() === '.git') return 'its name is reserved for Git';
  return null;
}
