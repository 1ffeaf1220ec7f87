import { resolve } from 'node:path';
import { formatProblem } from '../model/problem.ts';
import { defineCommand } from '../terminal/command.ts';
import { jsonOption } from '../terminal/options.ts';
import { count } from '../terminal/text.ts';

export const validateCommand = defineCommand({
  name: 'validate',
  summary: 'check every manifest below a directory; needs no engine',
  positionals: ['[DIR]'],
  options: { ...jsonOption },
  examples: [
    ['plimsoll validate', 'the repository in this directory'],
    ['plimsoll validate stacks/shop', 'one stack of it'],
    ['plimsoll validate --json | jq .problems', 'for other tools'],
  ],
  exits: [
    [0, 'everything is well-formed'],
    [1, 'there are problems; all of them were printed'],
  ],
  async run({ positionals: [place = '.'], options, directory, terminal }) {
    const [{ validateTree }, { builtInDefaults }] = await Promise.all([
      import('../validation.ts'),
      import('../manifest/defaults.ts'),
    ]);
    const target = resolve(directory, place);
    const { stacks, problems } = await validateTree({ target, directory, defaults: builtInDefaults });
    const isGood = problems.length === 0;
    if (options.json) {
      terminal.print(JSON.stringify({ stacks, problems }, null, 2));
      return isGood ? 0 : 1;
    }
    for (const problem of problems) terminal.print(formatProblem(problem));
    const services = stacks.reduce((sum, stack) => sum + (stack.services ?? 0), 0);
    const looked = count(stacks.length, 'stack');
    const { accent } = terminal;
    terminal.say(
      isGood
        ? `${accent.green('well-formed')}: ${looked} with ${count(services, 'service')}`
        : `${accent.red(count(problems.length, 'problem'))} in ${looked}`,
    );
    return isGood ? 0 : 1;
  },
});
