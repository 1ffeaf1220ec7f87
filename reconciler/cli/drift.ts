import { durationArgument, nameArgument, numberArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatDrift } from '../terminal/drift.ts';
import { configOption, jsonOption } from '../terminal/options.ts';

export const driftCommand = defineCommand({
  name: 'drift',
  summary: 'show what moved without a commit: when, how it came about, and how it ended',
  positionals: [],
  options: {
    stack: { kind: 'text', value: 'STACK', summary: 'only this stack' },
    service: { kind: 'text', value: 'SERVICE', summary: 'only this service' },
    since: { kind: 'text', value: 'DURATION', summary: 'what was open at any time since then; default 24h' },
    limit: { kind: 'text', value: 'NUMBER', summary: 'how many at most; default 100' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll drift', 'what is open, and what ended within a day'],
    ['plimsoll drift --stack shop --since 7d', 'one stack, for a week'],
    ['plimsoll drift --json', 'for other tools'],
  ],
  exits: [
    [0, 'shown, whether or not something drifted'],
    [1, 'neither a daemon nor a store could be asked, or there is no such stack'],
  ],
  async run({ terminal, ...asker }) {
    const { options } = asker;
    const stack = nameArgument(options.stack, '--stack');
    const service = nameArgument(options.service, '--service');
    const sinceMs = durationArgument(options.since ?? '24h', '--since');
    const limit = numberArgument(options.limit ?? '100', '--limit');
    const { askOperator } = await import('../daemon-access.ts');
    const order = { sinceMs, limit, ...(stack && { stack }), ...(service && { service }) };
    const report = await askOperator(asker, { looksAround: false }, (operator) => operator.drift(order));
    terminal.print(options.json ? JSON.stringify(report, null, 2) : formatDrift(report, terminal.paint));
    return 0;
  },
});
