import type { SyncReply } from '../control/protocol.ts';
import type { Plan } from '../model/plan.ts';
import { nameArgument } from '../terminal/argument.ts';
import { defineCommand } from '../terminal/command.ts';
import { formatEnded, type EndedSync } from '../terminal/ended.ts';
import { createNoticePrinter } from '../terminal/notices.ts';
import { configOption, jsonOption } from '../terminal/options.ts';
import { UsageError } from '../terminal/usage.ts';

export const syncCommand = defineCommand({
  name: 'sync',
  summary: 'tell the daemon to read the sources and sync now, and follow it to its end',
  positionals: ['[STACK]'],
  options: {
    approve: { kind: 'list', value: 'CODE', summary: 'accept these findings of the stack, for this attempt' },
    'no-wait': { kind: 'flag', summary: 'return as soon as the daemon knows' },
    url: {
      kind: 'text',
      value: 'URL',
      summary: 'tell a daemon elsewhere, at a receiver of provider generic',
    },
    'secret-file': {
      kind: 'text',
      value: 'FILE',
      summary: "with --url: the receiver's secret; default what PLIMSOLL_SYNC_SECRET holds",
    },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll sync', 'all stacks'],
    ['plimsoll sync shop --approve MD101', 'one stack, with a removal that waits for approval'],
    [
      'plimsoll sync shop --url https://hooks.example.org/hooks/ci --secret-file ci-secret',
      'from a pipeline',
    ],
  ],
  exits: [
    [0, 'synced; with --no-wait or --url: asked for'],
    [1, 'no daemon runs or it refused, there is no such stack, or a stack did not become synced'],
  ],
  async run({ terminal, ...asker }) {
    const { options, positionals } = asker;
    const stack = nameArgument(positionals[0], 'STACK');
    const { approve, url } = options;
    if (url !== undefined) {
      const { syncRemotely } = await import('../remote-sync.ts');
      return syncRemotely({ ...asker, terminal }, { url, stack });
    }
    if (options['secret-file'] !== undefined) throw new UsageError('--secret-file goes with --url.');
    if (stack === null && approve.length > 0)
      throw new UsageError('--approve needs the stack: its findings are meant.');
    const { askDaemon } = await import('../daemon-access.ts');
    const printer = createNoticePrinter(terminal, { tellsEnd: false, now: () => Date.now() });
    const ended = new Map<string, EndedSync>();
    const plans = new Map<string, Plan>();
    const onReply = (reply: SyncReply): void => {
      if (reply.kind !== 'notice') return;
      const { notice } = reply;
      printer.notify(notice);
      if (notice.kind === 'syncPlanned') plans.set(notice.stack, notice.plan);
      if (notice.kind !== 'syncFinished') return;
      const { stack, outcome, summary, durationMs } = notice;
      ended.set(stack, { stack, outcome, summary, durationMs, plan: plans.get(stack) ?? null });
    };
    const order = { stack, approve, wait: !options['no-wait'] };
    await askDaemon(asker, (daemon, signal) => daemon.sync(order, { onReply, signal }));
    const stacks = [...ended.values()];
    if (options.json) terminal.print(JSON.stringify({ stacks }, null, 2));
    else if (order.wait) terminal.print(formatEnded(stacks, terminal.paint));
    return stacks.every(({ outcome }) => /^(succeeded|unchanged)$/.test(outcome)) ? 0 : 1;
  },
});
