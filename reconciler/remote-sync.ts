import type { Name } from './model/ids.ts';
import { orderRemotely, readRemoteSecret } from './remote-order.ts';
import { urlArgument } from './terminal/argument.ts';
import type { Surroundings } from './terminal/command.ts';
import { UsageError } from './terminal/usage.ts';

export interface RemoteRequest extends Surroundings {
  readonly options: {
    readonly approve: readonly string[];
    readonly json: boolean;
    readonly 'secret-file': string | undefined;
  };
}

/** `plimsoll sync --url`: tells a daemon elsewhere, and returns the exit code. Reads no operator's file: a pipeline has none. */
export async function syncRemotely(
  { options, environment, terminal }: RemoteRequest,
  { url, stack }: { readonly url: string; readonly stack: Name | null },
): Promise<number> {
  if (options.approve.length > 0)
    throw new UsageError('--approve does not go with --url: approvals are given at the daemon.');
  const address = urlArgument(url, '--url');
  const secret = await readRemoteSecret(options['secret-file'], environment);
  const { result, reason, delivery } = await orderRemotely({ url: address, secret, stack });
  terminal.print(
    options.json ? JSON.stringify({ result, reason, delivery }, null, 2) : `${result}: ${reason}`,
  );
  return result === 'ignored' ? 1 : 0;
}
