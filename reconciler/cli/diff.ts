import { nameArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatDiff, formatFiles, onlyService } from '../terminal/diff.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { UsageError } from '../terminal/usage.ts';

export const diffCommand = defineCommand({
  name: 'diff',
  summary: 'show how what runs differs from the manifests, field by field',
  positionals: ['[STACK[/SERVICE]]'],
  options: {
    files: { kind: 'flag', summary: 'what was written inside the containers as well; never healed' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll diff', 'all stacks'],
    ['plimsoll diff shop/web', 'one service'],
    ['plimsoll diff shop/web --files', 'what was written inside its containers, too'],
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
    if (options.files && stack === null) throw new UsageError('--files needs a STACK to look into.');
    const [report, files] = await askOperator(asker, { looksAround: true }, (operator, signal) =>
      Promise.all([
        operator.diff(stack, signal),
        options.files && stack !== null ? operator.files(stack, service, signal) : null,
      ]),
    );
    const shown =
      service === null
        ? report
        : { ...report, stacks: report.stacks.map((diff) => onlyService(diff, service)) };
    if (options.json) terminal.print(JSON.stringify({ ...shown, ...files }, null, 2));
    else terminal.print(formatDiff(shown, terminal.paint));
    if (!options.json && files !== null) terminal.print(`\n${formatFiles(files, terminal.paint)}`);
    return 0;
  },
});
