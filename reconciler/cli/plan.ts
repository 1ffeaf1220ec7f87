import { isEmptyPlan } from '../model/plan.ts';
import { defineCommand } from '../terminal/command.ts';
import { createProgress } from '../terminal/notices.ts';
import { configOption, jsonOption, sourceOptions } from '../terminal/options.ts';
import { formatPlans } from '../terminal/plans.ts';
import { listenForStop } from '../terminal/stop.ts';

export const planCommand = defineCommand({
  name: 'plan',
  summary: 'show what would change on the engine, and why; changes nothing',
  positionals: [],
  options: {
    ...sourceOptions,
    out: { kind: 'text', value: 'FILE', summary: 'write the plan for `plimsoll apply --plan`' },
    ...configOption,
    ...jsonOption,
  },
  examples: [
    ['plimsoll plan', 'the sources of plimsoll.yaml, else the repository in this directory'],
    ['plimsoll plan --source https://github.com/acme/gitops.git --ref v2', 'a tag of another repository'],
    [
      'plimsoll plan --stack shop --out shop.json',
      'to be applied exactly so: `plimsoll apply --plan shop.json`',
    ],
  ],
  exits: [
    [0, 'nothing to do'],
    [1, 'it could not be planned: problems in the manifests, or something cannot be reached'],
    [2, 'there are changes'],
  ],
  async run(invocation) {
    const [{ planByHand, readSettingsByHand }, { withMemoryWorld }, { writePlanFile }] = await Promise.all([
      import('../by-hand.ts'),
      import('../one-shot.ts'),
      import('../plan-file.ts'),
    ]);
    const { options, terminal } = invocation;
    const settings = await readSettingsByHand(invocation);
    const { signal } = listenForStop({ onFirst: () => {} });
    const looking = { looksAround: true, notifier: createProgress(terminal), signal };
    const planned = await withMemoryWorld(settings, looking, (world) =>
      planByHand(world, settings, { stacks: options.stack, signal }),
    );
    terminal.print(options.json ? JSON.stringify(planned, null, 2) : formatPlans(planned, terminal.paint));
    if (planned.problems.length > 0) return 1;
    if (options.out !== undefined) await writePlanFile(options.out, planned);
    return planned.plans.every(isEmptyPlan) ? 0 : 2;
  },
});
