import type { StackReport, StatusReport } from '../control/protocol.ts';
import { SyncError } from '../model/error.ts';
import { nearest } from '../model/nearest.ts';
import { defineCommand } from '../terminal/command.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
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
    const report = await askOperator(asker, { looksAround: false }, (operator) => operator.status());
    const [name] = positionals;
    const about = name === undefined ? report : findStack(report, name);
    const text = options.json
      ? JSON.stringify(about, null, 2)
      : 'stack' in about
        ? formatStack(about, report.at, terminal.paint)
        : formatStatus(about, terminal.paint);
    terminal.print(text);
    return 0;
  },
});

function findStack({ stacks }: StatusReport, name: string): StackReport {
  const found = stacks.find(({ stack }) => stack === name);
  if (found !== undefined) return found;
  const names = stacks.map(({ stack }) => stack);
  const near = nearest(name, names);
  const advice = near === null ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`;
  throw new SyncError('StackUnknown', `There is no stack "${name}". ${advice}`);
}
