/** gitprotocol-common: four hexadecimal digits of length, themselves included, then the content; 0000 ends a list. */
const flush = '0000';

export function encodeLine(content: string): Buffer {
  const bytes = Buffer.from(content, 'utf8');
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/**
 * Whether the bytes are pkt-lines to the last one, which is a flush. isomorphic-git takes any end of the bytes for
 * the end of the list, so that a cut connection would look like refs that are gone.
 */
export function isWholeList(bytes: Buffer): boolean {
  let last = '';
  for (let at = 0; at < bytes.length;) {
    last = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(last)) return false;
    at += Math.max(4, Number.parseInt(last, 16));
    if (at > bytes.length) return false;
  }
  return last === flush;
}

/** Whether an advertisement says more than its own name: capabilities follow the first ref, or `version 2`. */
export function hasCapabilities(advertisement: Buffer): boolean {
  return advertisement.includes(0) || advertisement.includes('version 2\n');
}

/** The text of a leading `ERR` line, by which a server refuses a request that HTTP says succeeded; null without one. */
export function refusal(bytes: Buffer): string | null {
  if (bytes.toString('latin1', 4, 8) !== 'ERR ') return null;
  const end = Number.parseInt(bytes.toString('latin1', 0, 4), 16);
  return bytes.toString('utf8', 8, end).trim().slice(0, 300);
}

/**
 * The same advertisement with a HEAD, unless it has one. A bare repository whose HEAD names a branch that nobody
 * pushed advertises none, and isomorphic-git then fails every fetch after the pack has arrived.
 */
export function withHead(advertisement: Buffer, id: string): Buffer {
  if (advertisement.includes(' HEAD\0') || !advertisement.toString('latin1').endsWith(flush))
    return advertisement;
  const body = advertisement.subarray(0, advertisement.length - flush.length);
  return Buffer.concat([body, encodeLine(`${id} HEAD\n`), Buffer.from(flush)]);
}

/**
 * The same request with the capability `thin-pack`, which makes a server leave out what the `have` lines cover.
 * isomorphic-git reads such packs but does not ask for them, so each new commit would bring its whole tree again.
 */
export function withThinPack(request: Buffer): Buffer {
  const end = Number.parseInt(request.toString('latin1', 0, 4), 16);
  const first = request.toString('utf8', 4, end);
  if (!/^want [0-9a-f]{40} /.test(first)) return request;
  return Buffer.concat([encodeLine(`${first.trimEnd()} thin-pack\n`), request.subarray(end)]);
}
