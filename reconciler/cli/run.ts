import { defineCommand } from '../terminal/command.ts';
import { configOption } from '../terminal/options.ts';

export const runCommand = defineCommand({
  name: 'run',
  summary: 'follow the sources and keep the engine in sync until told to stop',
  positionals: [],
  options: {
    ...configOption,
    example: {
      kind: 'text',
      value: 'NAME',
      summary: 'follow an example instead, in a repository of your own',
    },
    log: { kind: 'text', value: 'FORMAT', summary: 'text or json; default text on a terminal, else json' },
  },
  examples: [
    ['plimsoll run', 'with ./plimsoll.yaml'],
    ['plimsoll run --config /etc/plimsoll/plimsoll.yaml --log json', 'as a service'],
    ['plimsoll run --example quickstart', 'to see how it works; nothing else is needed'],
  ],
  exits: [
    [0, 'stopped by SIGTERM or Ctrl-C, in order'],
    [1, 'could not start, or lost its database'],
  ],
  async run(invocation) {
    const { run } = await import('../run.ts');
    await run(invocation);
    return 0;
  },
});
