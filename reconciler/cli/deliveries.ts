import { nameArgument, numberArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatDeliveries } from '../terminal/deliveries.ts';
import { configOption, jsonOption } from '../terminal/options.ts';

export const deliveriesCommand = defineCommand({
  name: 'deliveries',
  summary: 'show what webhooks brought, newest first, and why it did something or nothing',
  positionals: ['[RECEIVER]'],
  options: {
    limit: { kind: 'text', value: 'NUMBER', summary: 'how many; default 20' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll deliveries', 'the latest of every receiver'],
    ['plimsoll deliveries github --limit 100', 'of one receiver'],
  ],
  exits: [
    [0, 'shown'],
    [1, 'neither a daemon nor a store could be asked'],
  ],
  async run({ terminal, ...asker }) {
    const { askOperator } = await import('../daemon-access.ts');
    const { options, positionals } = asker;
    const receiver = nameArgument(positionals[0], 'RECEIVER');
    const limit = numberArgument(options.limit ?? '20', '--limit');
    const report = await askOperator(asker, { looksAround: false }, (operator) =>
      operator.deliveries({ limit, ...(receiver && { receiver }) }),
    );
    terminal.print(
      options.json ? JSON.stringify(report, null, 2) : formatDeliveries(report.deliveries, terminal.paint),
    );
    return 0;
  },
});
