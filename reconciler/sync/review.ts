import { formatResource } from '../model/change.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { Commit } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { SourceTree } from '../model/ports.ts';
import { compareText, sortProblems } from '../model/problem.ts';
import type { LiveReading, Review, StackReview } from '../model/review.ts';
import { planCommit } from '../plan/imagine.ts';
import { itemsOf } from './inventory.ts';
import { loadTree, type ParseCache } from './load.ts';
import { emptyStack, previewAll, readIntent, type Intent } from './preview.ts';
import type { Merge } from './read-merge.ts';
import type { LoadedStack, SourceView, StackView } from './view.ts';
import type { FollowedSource, World } from './world.ts';

export interface ReviewRequest {
  readonly followed: FollowedSource;
  readonly number: number;
  readonly head: Review['head'];
  /** The branch that it would be merged into. */
  readonly branch: string;
  readonly merge: Merge;
  /** Null shows what runs; a label keeps it back until somebody sets it. */
  readonly withheldFor: string | null;
  readonly approvals: Review['approvals'];
  readonly signal: AbortSignal;
}

/**
 * What a pull request would change, and what its merge would do: the merged manifests through the same reading, checks
 * and planning as a sync. Changes nothing.
 */
export async function reviewMerge(world: World, request: ReviewRequest): Promise<Review> {
  const { followed, merge, branch, number, head, approvals } = request;
  const source = followed.source.name;
  const { before, after } = await readSides(world, request);
  const touched = touchedStacks(before, after);
  const changes = touched.map((stack) => planChange(world, stack, { before, after }));
  const live = await lookLive(world, request, { touched, after });
  return {
    installation: world.installation,
    source,
    number,
    head,
    base: { branch, revision: merge.base.commit.revision },
    merge: merge.reading,
    live: live.reading,
    problems: problemsOf(after),
    stacks: touched.map((stack, index): StackReview => {
      const own = live.plans.get(stack);
      const problems = after.stacks.get(stack)?.problems ?? [];
      return {
        stack,
        problems,
        change: changes[index] ?? null,
        live: own?.plan ?? null,
        before: own?.before ?? [],
      };
    }),
    untouched: [...after.stacks.keys()].filter((stack) => !touched.includes(stack)).length,
    drifted: live.drifted,
    approvals,
  };
}

interface Both {
  readonly before: SourceView;
  readonly after: SourceView;
}

/** Most files are the same in both, so each is parsed once. */
async function readSides(world: World, { followed, merge }: ReviewRequest): Promise<Both> {
  const cache: ParseCache = new Map(followed.cache);
  const read = async (tree: SourceTree, commit: Commit, absent: readonly Name[]): Promise<SourceView> => {
    const { stacks, problems } = await loadTree(tree, {
      defaults: world.defaults,
      engines: followed.engines,
      cache,
    });
    const nameless = stacks.filter(({ name }) => name === null).flatMap((stack) => stack.problems);
    const names = new Set(stacks.flatMap(({ name }) => name ?? []));
    return world.views.beside({
      source: followed.source.name,
      commit,
      stacks,
      problems: [...problems, ...nameless],
      absent: absent.filter((name) => !names.has(name)),
      taken: world.views.get(followed.source.name)?.taken ?? new Map(),
    });
  };
  const left = world.views.get(followed.source.name)?.absent ?? [];
  const before = await read(merge.base, merge.base.commit, left);
  const after = await read(merge.result, merge.commit, [...new Set([...before.stacks.keys(), ...left])]);
  return { before, after };
}

function touchedStacks(before: SourceView, after: SourceView): readonly Name[] {
  const names = new Set([...before.stacks.keys(), ...after.stacks.keys()]);
  return [...names]
    .filter((name) => essence(before.stacks.get(name)) !== essence(after.stacks.get(name)))
    .sort(compareText);
}

function essence(stack: LoadedStack | undefined): string {
  return JSON.stringify(stack === undefined ? null : [stack.desired, stack.problems]);
}

/** Null when either side cannot be told. On another engine than before, all of it is new there. */
function planChange(world: World, stack: Name, { before, after }: Both): Plan | null {
  const [known, wanted] = [before.stacks.get(stack), after.stacks.get(stack)];
  if (known?.desired === null || wanted?.desired === null) return null;
  const engine = wanted?.desired.engine ?? known?.desired.engine ?? world.engines.byDefault;
  const empty = emptyStack(stack, engine);
  const from = known?.desired.engine === engine ? known.desired : empty;
  const to = wanted === undefined ? empty : wanted.desired;
  return planCommit({
    from,
    to: known === undefined ? to : withBrakesOf(known.desired, to),
    revision: after.commit.revision,
    policy: world.policy,
    inventory: itemsOf(from),
    complete: after.problems.length === 0,
  });
}

/** A pull request cannot loosen the brake that would have stopped it: of both limits the tighter one holds. */
function withBrakesOf(from: DesiredStack, to: DesiredStack): DesiredStack {
  const [{ maxPrune: base }, { maxPrune: own }] = [from.sync, to.sync];
  const services = Math.min(base.services, own.services);
  const percent = Math.min(base.percent, own.percent);
  return { ...to, sync: { ...to.sync, maxPrune: { services, percent } } };
}

function problemsOf({ problems, stacks }: SourceView): Review['problems'] {
  return sortProblems([...problems, ...[...stacks.values()].flatMap((stack) => stack.problems)]);
}

interface Live {
  readonly reading: LiveReading;
  readonly plans: ReadonlyMap<Name, { readonly plan: Plan; readonly before: readonly string[] }>;
  readonly drifted: readonly Plan[];
}

interface Touched {
  readonly touched: readonly Name[];
  readonly after: SourceView;
}

async function lookLive(
  world: World,
  { withheldFor: label, followed, signal }: ReviewRequest,
  { touched, after }: Touched,
): Promise<Live> {
  const nothing = { plans: new Map(), drifted: [] };
  if (label !== null) return { ...nothing, reading: { kind: 'withheld', label } };
  const viewAfter = (stack: Name): StackView => ({ source: after, loaded: after.stacks.get(stack) ?? null });
  const outOfSync = stacksOutOfSync(world, followed).filter((stack) => !touched.includes(stack));
  const wanted = await readIntents(world, touched, viewAfter);
  const present = await readIntents(world, [...touched, ...outOfSync], (stack) => world.views.stack(stack));
  const looks = await previewAll(world, [...wanted, ...present], {
    curiosity: 'now and then',
    mayRecall: true,
    signal,
  });
  const unseen = looks.find((look) => look.kind === 'unseen');
  if (unseen !== undefined) return { ...nothing, reading: { kind: 'failed', reason: unseen.error.message } };
  const previews = looks.flatMap((look) => (look.kind === 'seen' ? [look.preview] : []));
  const plansOf = (intents: readonly Intent[]): readonly Plan[] =>
    previews.filter(({ intent }) => intents.includes(intent)).map(({ plan }) => plan);
  const now = new Map(plansOf(present).map((plan) => [plan.stack, plan]));
  const plans = plansOf(wanted).map((plan) => {
    return [plan.stack, { plan, before: existingIn(plan, now.get(plan.stack)) }] as const;
  });
  const drifted = outOfSync.flatMap((stack) => now.get(stack) ?? []).filter(({ steps }) => steps.length > 0);
  return {
    reading: { kind: 'shown', at: previews[0]?.observed.at ?? world.clock.now() },
    plans: new Map(plans),
    drifted: drifted.toSorted((left, right) => compareText(left.stack, right.stack)),
  };
}

function stacksOutOfSync(world: World, { source: { name } }: FollowedSource): readonly Name[] {
  return world.statuses
    .all()
    .filter(({ source, syncStatus }) => source === name && syncStatus === 'outOfSync')
    .map(({ stack }) => stack);
}

async function readIntents(
  world: World,
  stacks: readonly Name[],
  viewOf: (stack: Name) => Intent['view'] | null,
): Promise<readonly Intent[]> {
  const intents = await Promise.all(
    stacks.map(async (stack) => {
      const view = viewOf(stack);
      return view === null ? null : readIntent(world, stack, view);
    }),
  );
  return intents.filter((intent) => intent !== null);
}

/** What would be done to a resource for the same reason if nothing were merged. */
function existingIn(plan: Plan, present: Plan | undefined): readonly string[] {
  const known = new Set(
    present?.decisions.map(
      ({ resource, verdict, because }) => `${formatResource(resource)} ${verdict} ${because}`,
    ),
  );
  return plan.decisions
    .filter(({ verdict }) => verdict !== 'unchanged')
    .filter(({ resource, verdict, because }) =>
      known.has(`${formatResource(resource)} ${verdict} ${because}`),
    )
    .map(({ resource }) => formatResource(resource));
}
