import { nameArgument, requiredName } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { configOption, jsonOption } from '../terminal/options.ts';

export const resumeCommand = defineCommand({
  name: 'resume',
  summary: 'end the pause of a stack, or try a rejected version of a service again',
  positionals: ['STACK'],
  options: {
    service: {
      kind: 'text',
      value: 'SERVICE',
      summary: 'lift the hold that a failed rollout left on this service',
    },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll resume shop', 'apply again what Git says'],
    ['plimsoll resume shop --service web', 'try the version again that did not become healthy'],
  ],
  exits: [
    [0, 'nothing holds it any more'],
    [1, 'no daemon runs, or there is no such stack'],
  ],
  async run({ terminal, ...asker }) {
    const { options, positionals } = asker;
    const stack = requiredName(positionals[0], 'STACK');
    const service = nameArgument(options.service, '--service');
    const { askDaemon } = await import('../daemon-access.ts');
    const resumed = await askDaemon(asker, (daemon) => daemon.resume({ stack, service }));
    const what = service === null ? stack : `${service} of ${stack}`;
    const said = resumed.lifted === 0 ? `${what} was not held.` : `${what} follows Git again.`;
    terminal.print(options.json ? JSON.stringify(resumed, null, 2) : said);
    return 0;
  },
});
