import type { Operator } from '../control/operator.ts';
import type { StackReport, StatusReport } from '../control/protocol.ts';
import { SyncError } from '../model/error.ts';
import { nearest } from '../model/nearest.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatOutputs } from '../terminal/history.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import type { Paint } from '../terminal/paint.ts';
import { formatStack, formatStatus } from '../terminal/status.ts';

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'show every stack: synced or not, healthy or not, and why',
  positionals: ['[STACK]'],
  options: { ...configOption, ...jsonOption },
  examples: [
    ['plimsoll status', 'all stacks and sources'],
    ['plimsoll status shop', 'the services of one stack'],
    ['plimsoll status --json', 'for other tools'],
  ],
  exits: [
    [0, 'shown, whatever the state'],
    [1, 'neither a daemon nor a store could be asked, or there is no such stack'],
  ],
  async run({ terminal, ...asker }) {
    const { askOperator } = await import('../daemon-access.ts');
    const { positionals, options } = asker;
    const [name] = positionals;
    const text = await askOperator(asker, { looksAround: false }, async (operator) => {
      const report = await operator.status();
      if (name === undefined)
        return options.json ? JSON.stringify(report, null, 2) : formatStatus(report, terminal.paint);
      const stack = findStack(report, name);
      if (options.json) return JSON.stringify(stack, null, 2);
      const outputs = await lastOutputs(operator, stack, terminal.paint);
      return [formatStack(stack, report.at, terminal.paint), ...outputs].join('\n');
    });
    terminal.print(text);
    return 0;
  },
});

/** A failure is soon followed by the return to the last version, so that it is looked for a few attempts back. */
const attemptsLookedAt = 5;

/** What a held or failed service wrote, for as long as that is what stands in the way. */
async function lastOutputs(operator: Operator, stack: StackReport, paint: Paint): Promise<readonly string[]> {
  const isHeld = stack.holds.some(({ kind }) => kind === 'rejected');
  if (!isHeld && stack.lastOutcome !== 'failed' && stack.lastOutcome !== 'partial') return [];
  const { syncs } = await operator.history({ stack: stack.stack, limit: attemptsLookedAt });
  const failed = syncs.find(({ steps }) => steps.some(({ output }) => output !== ''));
  return failed === undefined ? [] : formatOutputs(failed, paint);
}

function findStack({ stacks }: StatusReport, name: string): StackReport {
  const found = stacks.find(({ stack }) => stack === name);
  if (found !== undefined) return found;
  const names = stacks.map(({ stack }) => stack);
  const near = nearest(name, names);
  const advice = near === null ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`;
  throw new SyncError('StackUnknown', `There is no stack "${name}". ${advice}`);
}
