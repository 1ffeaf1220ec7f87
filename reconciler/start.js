// `npm start` and `npm run plimsoll` in a checkout: prepare what is missing, then become the command itself, in this
// very process, so that signals and the exit code need no forwarding.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout, prepareCheckout, say } from './prepare.js';

const [first, ...rest] = process.argv.slice(2);
const command = join(checkout, 'dist', 'reconciler', 'cli.js');

prepareCheckout();
if (!existsSync(command)) {
  say('the build left no dist/reconciler/cli.js; `npm run build` shows why.');
  process.exit(1);
}
process.argv = [process.execPath, command, ...commandArguments()];
await import(pathToFileURL(command).href);

function commandArguments() {
  if (first !== 'start') return process.argv.slice(2);
  return rest.length === 0 ? ['run', '--example', 'quickstart'] : ['run', ...rest];
}
