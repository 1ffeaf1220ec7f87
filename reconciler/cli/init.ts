import { relative, resolve } from 'node:path';
import { defineCommand } from '../terminal/command.ts';

export const initCommand = defineCommand({
  name: 'init',
  summary: 'write a starter repository and plimsoll.yaml',
  positionals: ['[DIR]'],
  options: {},
  examples: [
    ['plimsoll init', 'in this directory'],
    ['plimsoll init gitops', 'in a new one'],
  ],
  exits: [
    [0, 'written'],
    [1, 'something of that name is there already; nothing was written'],
  ],
  async run({ positionals: [place = '.'], directory, terminal }) {
    const { writeStarter } = await import('../starter.ts');
    const target = resolve(directory, place);
    const { files, isNewRepository } = await writeStarter(target);
    const { paint } = terminal;
    for (const file of files)
      terminal.print(`  ${paint.green('+')} ${relative(directory, resolve(target, file))}`);
    const commands = [
      ...(target === directory ? [] : [`cd ${relative(directory, target)}`]),
      'git add . && git commit -m "The first stack"',
      'plimsoll plan',
      'plimsoll run',
    ];
    terminal.print(
      isNewRepository ? '\nA Git repository with its first stack. Next:' : '\nThe first stack. Next:',
    );
    for (const line of commands) terminal.print(`  ${paint.bold(line)}`);
    return 0;
  },
});
