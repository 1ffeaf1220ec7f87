import type { SyncError } from '../model/error.ts';
import { queueUnreachable } from '../queue/health.ts';
import { openQueues, shownAddress } from '../queue/queues.ts';
import type { Settings } from '../settings.ts';
import { ok, type Checkup } from './checkup.ts';

const deadlineMs = 10_000;

/** Whether hints travel between daemons: a key is sent there and back. Nothing to look at where no server is named. */
export async function checkQueue({
  queueUrl,
  databaseUrl,
  installation,
}: Settings): Promise<readonly Checkup[]> {
  if (queueUrl === null) return [];
  const url = queueUrl.reveal();
  const shown = shownAddress(url);
  const trouble = await sendThereAndBack(url, installation);
  if (trouble !== null) return [{ part: 'queue', level: 'fail', message: trouble.message, remedy: '' }];
  if (databaseUrl !== null) return [ok('queue', `${shown} hands keys from one daemon to another.`)];
  const message = `${shown} answers, and there is nobody to share work with: the database is private to this host.`;
  const remedy = 'Name a database server in `database.url` to run several daemons, or leave `queue.url` out.';
  return [{ part: 'queue', level: 'warn', message, remedy }];
}

/** Null when it went well. The queue is one that no daemon listens to. */
async function sendThereAndBack(url: string, installation: string): Promise<SyncError | null> {
  const troubles: SyncError[] = [];
  const received = new AbortController();
  const late = AbortSignal.timeout(deadlineMs);
  const queues = await openQueues({
    url,
    installation,
    onFailure: () => {},
    onTrouble: (error) => void troubles.push(error),
    onRecovery: () => {},
  });
  try {
    const queue = queues.create('doctor');
    await queue.enqueue('there-and-back');
    const work = (): Promise<void> => Promise.resolve(received.abort());
    await queue.consume(work, { concurrency: 1, signal: AbortSignal.any([received.signal, late]) });
    if (late.aborted)
      troubles.push(queueUnreachable(shownAddress(url), new Error('a key did not come back')));
    return troubles[0] ?? null;
  } finally {
    await queues.close();
  }
}
