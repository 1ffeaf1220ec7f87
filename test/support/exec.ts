import type Docker from 'dockerode';

/** Runs a command in a running container and resolves to what it printed, trimmed. Throws when it fails. */
export async function exec(docker: Docker, container: string, command: readonly string[]): Promise<string> {
  const call = await docker
    .getContainer(container)
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await call.start({ Tty: true });
  let output = '';
  stream.on('data', (part: Buffer) => (output += part.toString()));
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  const { ExitCode } = await call.inspect();
  const text = output.replaceAll('\r\n', '\n').trim();
  if (ExitCode === 0) return text;
  throw new Error(`\`${command.join(' ')}\` in ${container} ended with ${ExitCode}: ${text}`);
}
