// A process of its own that owns a state directory, for tests that kill it. Prints one line of JSON when it is ready,
// then waits to be told to stop by the end of its standard input; with `forget` it just comes to its end.
import { once } from 'node:events';
import { openStore } from '../../reconciler/store/database.ts';
import { startEmbeddedStore } from '../../reconciler/store/embedded.ts';

const [, , stateDirectory = '', ending = 'stop'] = process.argv;

try {
  const embedded = await startEmbeddedStore({ stateDirectory });
  const store = await openStore(embedded.address);
  await store.statuses();
  process.stdout.write(`${JSON.stringify({ server: embedded.processId })}\n`);
  if (ending === 'stop') {
    await once(process.stdin.resume(), 'end');
    await store.close();
    await embedded.stop();
  } else {
    await store.close();
  }
} catch (error) {
  const { code, message } = error as Error & { readonly code?: string };
  process.stdout.write(`${JSON.stringify({ code, message })}\n`);
  process.exitCode = 1;
}
