// `npm run bench`: what Plimsoll costs, beside what the engine itself and Docker Compose cost in the same run.
import { parseArgs } from 'node:util';
import { prepareCheckout } from '../../reconciler/prepare.js';
import { benchApply } from './apply.ts';
import { benchChange } from './change.ts';
import { openBench, type Bench } from './context.ts';
import type { Figure } from './figure.ts';
import { describeMachine, formatFigures, jsonOf } from './report.ts';
import { benchDrift } from './drift.ts';
import { benchMemory } from './memory.ts';
import { benchNoop } from './noop.ts';
import { benchPlan } from './plan.ts';
import { benchPure } from './pure.ts';
import { benchQueue } from './queue.ts';
import { benchRepair } from './repair.ts';
import { benchScale } from './scale.ts';
import { benchReview } from './review.ts';
import { benchStart } from './start.ts';
import { benchWebhook } from './webhook.ts';

const parts: Readonly<Record<string, (bench: Bench) => Promise<readonly Figure[]>>> = {
  pure: benchPure,
  start: benchStart,
  noop: benchNoop,
  plan: benchPlan,
  apply: benchApply,
  change: benchChange,
  repair: benchRepair,
  drift: benchDrift,
  queue: benchQueue,
  memory: benchMemory,
  webhook: benchWebhook,
  review: benchReview,
  scale: benchScale,
};

const usage = `npm run bench -- [--json] [--only ${Object.keys(parts).join(',')}]`;

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const chosen = values.only?.split(',') ?? Object.keys(parts);
const unknown = chosen.filter((name) => parts[name] === undefined);
if (values.help === true || unknown.length > 0) {
  console.error(unknown.length > 0 ? `There is no part ${unknown.join(', ')}. ${usage}` : usage);
  process.exit(unknown.length > 0 ? 1 : 0);
}

prepareCheckout();
const bench = await openBench((line) => console.error(`bench: ${line}`));
const stop = (): void => void bench.close().finally(() => process.exit(1));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
try {
  const figures: Figure[] = [];
  for (const name of chosen) figures.push(...((await parts[name]?.(bench)) ?? []));
  const machine = describeMachine(bench);
  console.log(values.json ? jsonOf(machine, figures) : formatFigures(machine, figures));
} finally {
  await bench.close();
}
