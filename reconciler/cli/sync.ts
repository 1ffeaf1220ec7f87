import type { SyncReply } from '../control/protocol.ts';
import type { Notice } from '../model/notice.ts';
import { nameArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { createNoticePrinter } from '../terminal/notices.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { UsageError } from '../terminal/usage.ts';

type Finished = Extract<Notice, { readonly kind: 'syncFinished' }>;

export const syncCommand = defineCommand({
  name: 'sync',
  summary: 'tell the daemon to read the sources and sync now, and follow it to its end',
  positionals: ['[STACK]'],
  options: {
    approve: { kind: 'list', value: 'CODE', summary: 'accept these findings of the stack, for this attempt' },
    'no-wait': { kind: 'flag', summary: 'return as soon as the daemon knows' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll sync', 'all stacks'],
    ['plimsoll sync shop --approve PR101', 'one stack, with a removal that waits for approval'],
  ],
  exits: [
    [0, 'synced; with --no-wait: asked for'],
    [1, 'no daemon runs, there is no such stack, or a stack did not become synced'],
  ],
  async run({ terminal, ...asker }) {
    const { options, positionals } = asker;
    const stack = nameArgument(positionals[0], 'STACK');
    const { approve } = options;
    if (stack === null && approve.length > 0)
      throw new UsageError('--approve needs the stack: its findings are meant.');
    const { askDaemon } = await import('../daemon-access.ts');
    const printer = createNoticePrinter(terminal, { whereToLook: () => [], now: () => Date.now() });
    const finished: Finished[] = [];
    const onReply = (reply: SyncReply): void => {
      if (reply.kind !== 'notice') return;
      printer.notify(reply.notice);
      if (reply.notice.kind === 'syncFinished') finished.push(reply.notice);
    };
    const order = { stack, approve, wait: !options['no-wait'] };
    await askDaemon(asker, (daemon, signal) => daemon.sync(order, { onReply, signal }));
    if (options.json) terminal.print(JSON.stringify({ syncs: finished }, null, 2));
    const last = new Map(finished.map((notice) => [notice.stack, notice.outcome]));
    return [...last.values()].every((outcome) => /^(succeeded|unchanged)$/.test(outcome)) ? 0 : 1;
  },
});
