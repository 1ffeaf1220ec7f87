import { defineCommand } from '../terminal/command.ts';
import { configOption, jsonOption, sourceOptions } from '../terminal/options.ts';

export const applyCommand = defineCommand({
  name: 'apply',
  summary: 'sync once, now: apply what `plimsoll plan` shows and wait until it is healthy',
  positionals: [],
  options: {
    ...sourceOptions,
    plan: {
      kind: 'text',
      value: 'FILE',
      summary: 'apply this plan, and only if nothing moved since it was made',
    },
    approve: { kind: 'list', value: 'CODE', summary: 'accept these findings' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll apply', 'the sources of plimsoll.yaml, else the repository in this directory'],
    ['plimsoll apply --stack shop --approve MD101', 'one stack, with a removal that waits for approval'],
    ['plimsoll apply --plan shop.json', 'what was reviewed, or nothing'],
  ],
  exits: [
    [0, 'healthy and synced'],
    [1, 'failed, denied, or the manifests have problems'],
    [3, 'a finding waits for approval; its code and the command were printed'],
    [130, 'stopped by Ctrl-C after the running steps'],
  ],
  async run(invocation) {
    const { applyByHand } = await import('../apply-by-hand.ts');
    return applyByHand(invocation);
  },
});
