import { requireStack } from './control/report.ts';
import { SyncError } from './model/error.ts';
import { isName, type Name } from './model/ids.ts';
import type { Plan } from './model/plan.ts';
import { compareText, type Problem } from './model/problem.ts';
import { previewAll, readIntent, type Look } from './sync/preview.ts';
import { lookAt } from './sync/follow.ts';
import type { World } from './sync/world.ts';

/** What `plan` shows and `apply` begins with: every stack that was asked for, planned against one look at its engine. */
export interface Planning {
  readonly plans: readonly Plan[];
  /** Of the stacks that were asked for, and of the sources themselves. */
  readonly problems: readonly Problem[];
}

export interface PlanningOptions {
  /** Empty: all of them. */
  readonly stacks: readonly string[];
  readonly signal: AbortSignal;
}

/** Reads every source once; throws what the first of them failed with. */
export async function readSources(world: World, signal: AbortSignal): Promise<void> {
  await Promise.all(world.sources.map((followed) => lookAt(world, followed, { trigger: 'manual', signal })));
  for (const { error } of world.views.checks()) {
    if (error !== null) throw new SyncError(error.code, error.message);
  }
}

/** Decides, changes nothing. The sources must have been read. */
export async function planStacks(world: World, options: PlanningOptions): Promise<Planning> {
  const names = chooseStacks(world, options.stacks);
  const looked = await Promise.all(
    names.map(async (name) => {
      const view = world.views.stack(name);
      const intent = view === null ? null : await readIntent(world, name, view);
      return { intent, problems: view?.loaded?.problems ?? [] };
    }),
  );
  const intents = looked.flatMap(({ intent }) => (intent === null ? [] : [intent]));
  const looks = await previewAll(world, intents, {
    curiosity: 'anew',
    mayRecall: false,
    signal: options.signal,
  });
  return {
    plans: looks.map(planOf).sort((a, b) => compareText(a.stack, b.stack)),
    problems: [...world.views.all(), ...looked].flatMap(({ problems }) => problems),
  };
}

/** What cannot be looked at cannot be planned. */
function planOf(look: Look): Plan {
  switch (look.kind) {
    case 'seen':
      return look.preview.plan;
    case 'unseen':
      throw look.error;
    default:
      return look satisfies never;
  }
}

/** The names that a person gave, or all that the sources have. */
function chooseStacks(world: World, given: readonly string[]): readonly Name[] {
  if (given.length === 0) return world.views.stackNames();
  return given.map((text) => {
    if (!isName(text)) throw new SyncError('StackUnknown', `"${text}" cannot be the name of a stack.`);
    requireStack(world, text);
    return text;
  });
}
