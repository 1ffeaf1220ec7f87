import { nameArgument, numberArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatHistory, formatRecord } from '../terminal/history.ts';
import { configOption, jsonOption } from '../terminal/options.ts';

export const historyCommand = defineCommand({
  name: 'history',
  summary: 'show what was synced, newest first: who, what, why, and how it ended',
  positionals: ['[SYNC_ID]'],
  options: {
    stack: { kind: 'text', value: 'STACK', summary: 'only this stack' },
    service: { kind: 'text', value: 'SERVICE', summary: 'only attempts that concerned this service' },
    limit: { kind: 'text', value: 'NUMBER', summary: 'how many; default 10' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll history', 'the last ten attempts'],
    ['plimsoll history --stack shop --service web --limit 50', 'those that concerned one service'],
    ['plimsoll history 1042', 'one attempt: its plan and its steps'],
  ],
  exits: [
    [0, 'shown'],
    [1, 'neither a daemon nor a store could be asked, or there is no such attempt'],
  ],
  async run({ terminal, ...asker }) {
    const { askOperator } = await import('../daemon-access.ts');
    const { options, positionals } = asker;
    const stack = nameArgument(options.stack, '--stack');
    const service = nameArgument(options.service, '--service');
    const limit = numberArgument(options.limit ?? '10', '--limit');
    const [syncId] = positionals;
    const text = await askOperator(asker, { looksAround: false }, async (operator) => {
      if (syncId === undefined) {
        const page = await operator.history({ limit, ...(stack && { stack }), ...(service && { service }) });
        return options.json ? JSON.stringify(page, null, 2) : formatHistory(page.syncs, terminal.paint);
      }
      const record = await operator.record(syncId);
      return options.json ? JSON.stringify(record, null, 2) : formatRecord(record, terminal.paint);
    });
    terminal.print(text);
    return 0;
  },
});
