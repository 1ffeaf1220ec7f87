import type Docker from 'dockerode';

/** What a container without a terminal has printed so far, both of its streams. */
export async function logsOf(docker: Docker, container: string): Promise<string> {
  const muxed = await docker.getContainer(container).logs({ stdout: true, stderr: true, follow: false });
  return withoutFrames(muxed);
}

/** Each frame has a head of eight bytes, whose last four are the length. */
function withoutFrames(muxed: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= muxed.length;) {
    const length = muxed.readUInt32BE(at + 4);
    parts.push(muxed.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString();
}
