import { nameArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatDiff, onlyService } from '../terminal/diff.ts';
import { configOption, jsonOption } from '../terminal/options.ts';

export const diffCommand = defineCommand({
  name: 'diff',
  summary: 'show how what runs differs from the manifests, field by field',
  positionals: ['[STACK[/SERVICE]]'],
  options: { ...configOption, ...jsonOption },
  examples: [
    ['plimsoll diff', 'all stacks'],
    ['plimsoll diff shop/web', 'one service'],
    ['plimsoll diff --json', 'for other tools'],
  ],
  exits: [
    [0, 'compared, whether or not something differs'],
    [1, 'neither a daemon nor the engine could be asked, or there is no such stack'],
  ],
  async run({ terminal, ...asker }) {
    const { askOperator } = await import('../daemon-access.ts');
    const { options, positionals } = asker;
    const [stackText, serviceText] = (positionals[0] ?? '').split('/', 2);
    const stack = nameArgument(stackText || undefined, 'STACK');
    const service = nameArgument(serviceText, 'SERVICE');
    const report = await askOperator(asker, { looksAround: true }, (operator, signal) =>
      operator.diff(stack, signal),
    );
    const shown =
      service === null
        ? report
        : { ...report, stacks: report.stacks.map((diff) => onlyService(diff, service)) };
    terminal.print(options.json ? JSON.stringify(shown, null, 2) : formatDiff(shown, terminal.paint));
    return 0;
  },
});
