import { durationArgument, requiredName } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { formatInstant } from '../terminal/time.ts';
import { UsageError } from '../terminal/usage.ts';

export const pauseCommand = defineCommand({
  name: 'pause',
  summary: 'apply nothing to a stack for a while; what would be applied is still shown',
  positionals: ['STACK'],
  options: {
    for: { kind: 'text', value: 'DURATION', summary: 'how long, such as 90m, 2h or 3d' },
    why: { kind: 'text', value: 'TEXT', summary: 'the reason, which everybody will see' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    [
      'plimsoll pause shop --for 2h --why "moving the database"',
      'until then, or until `plimsoll resume shop`',
    ],
  ],
  exits: [
    [0, 'paused'],
    [1, 'no daemon runs, or there is no such stack'],
  ],
  async run({ terminal, ...asker }) {
    const { options, positionals } = asker;
    const stack = requiredName(positionals[0], 'STACK');
    if (options.for === undefined) throw new UsageError('--for is missing: for how long, such as --for 2h.');
    if (options.why === undefined) throw new UsageError('--why is missing: others will ask.');
    const order = { forMs: durationArgument(options.for, '--for'), why: options.why };
    const { askDaemon } = await import('../daemon-access.ts');
    const hold = await askDaemon(asker, (daemon) => daemon.pause({ stack, ...order }));
    if (options.json) terminal.print(JSON.stringify(hold, null, 2));
    else if (hold.kind === 'freeze') {
      const until = formatInstant(hold.until);
      terminal.print(
        `${hold.stack} is paused until ${until}. \`plimsoll resume ${hold.stack}\` ends it early.`,
      );
    }
    return 0;
  },
});
