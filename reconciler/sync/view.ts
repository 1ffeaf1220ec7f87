import { checkAcross } from '../manifest/across.ts';
import type { ResolvedStack } from '../manifest/resolve.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { SyncErrorCode } from '../model/error.ts';
import type { Commit } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import { sortProblems, type Problem } from '../model/problem.ts';

/** What one source said at one revision that was read completely, by itself. */
export interface SourceReading {
  readonly source: Name;
  readonly commit: Commit;
  readonly stacks: readonly ResolvedStack[];
  /** Problems that belong to no named stack. While there are any, nothing counts as absent. */
  readonly problems: readonly Problem[];
  /** Stacks that this source had before and that this commit no longer has. */
  readonly absent: readonly Name[];
  /** By stack, the other source that brought it to its line last. */
  readonly taken: ReadonlyMap<Name, Name>;
}

/** The same beside all other sources. */
export interface SourceView extends Omit<SourceReading, 'stacks'> {
  readonly stacks: ReadonlyMap<Name, LoadedStack>;
}

/** One stack as the commit has it. `desired` is null when its manifests have problems. */
export interface LoadedStack {
  readonly name: Name;
  readonly desired: DesiredStack | null;
  readonly problems: readonly Problem[];
  /** Config file contents by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Where one stack comes from. */
export interface StackView {
  readonly source: SourceView;
  /** Null: absent from a completely read commit. */
  readonly loaded: LoadedStack | null;
}

/** How the last look at a source ended; its age is shown, so that polling cannot die in silence. */
export interface SourceCheck {
  readonly source: Name;
  readonly at: number;
  readonly error: { readonly code: SyncErrorCode; readonly message: string } | null;
}

/** The newest reading of each source, kept in memory: Git is the truth, so a restart reads it again. */
export interface Views {
  set(reading: SourceReading): void;
  get(source: Name): SourceView | null;
  /** What a reading would be beside all other sources, without putting it in force. */
  beside(reading: SourceReading): SourceView;
  all(): readonly SourceView[];
  /** Null when no source that was read knows the stack. */
  stack(name: Name): StackView | null;
  stackNames(): readonly Name[];
  /** A stack that left its source and of which nothing is left is not spoken of any more. */
  forget(name: Name): void;
  recordCheck(check: SourceCheck): void;
  checks(): readonly SourceCheck[];
}

export function createViews(): Views {
  const readings = new Map<Name, SourceReading>();
  const checks = new Map<Name, SourceCheck>();
  let views: readonly SourceView[] = [];
  return {
    set(reading) {
      readings.set(reading.source, reading);
      views = viewAll([...readings.values()]);
    },
    get: (source) => views.find((view) => view.source === source) ?? null,
    beside(reading) {
      const others = [...readings.values()].filter(({ source }) => source !== reading.source);
      const [own] = viewAll([reading, ...others]);
      assertViewed(own);
      return own;
    },
    all: () => views,
    stack: (name) => findStack(views, name),
    stackNames: () => [...new Set(views.flatMap(stackNamesOf))].sort(),
    forget(name) {
      for (const [source, reading] of readings) {
        if (!reading.absent.includes(name)) continue;
        readings.set(source, { ...reading, absent: reading.absent.filter((stack) => stack !== name) });
      }
      views = viewAll([...readings.values()]);
    },
    recordCheck: (check) => void checks.set(check.source, check),
    checks: () => [...checks.values()],
  };
}

function assertViewed(view: SourceView | undefined): asserts view is SourceView {
  if (view === undefined) throw new TypeError('a reading has a view');
}

/** A host port or a name can be taken by a stack of another source, so a change in one is looked at beside all. */
function viewAll(readings: readonly SourceReading[]): readonly SourceView[] {
  const across = checkAcross(
    readings.flatMap(({ source, stacks }) => stacks.map((resolved) => ({ source, resolved }))),
  );
  return readings.map((reading) => {
    const stacks = new Map<Name, LoadedStack>();
    for (const resolved of reading.stacks) {
      const own = across.filter(({ source, stack }) => source === reading.source && stack === resolved.name);
      const stack = loadedOf(
        resolved,
        own.map(({ problem }) => problem),
      );
      if (stack !== null) stacks.set(stack.name, stack);
    }
    return { ...reading, stacks };
  });
}

function loadedOf(
  { name, stack, problems, contents }: ResolvedStack,
  across: readonly Problem[],
): LoadedStack | null {
  if (name === null) return null;
  const all = sortProblems([...problems, ...across]);
  return { name, desired: all.length === 0 ? stack : null, problems: all, contents };
}

function findStack(views: readonly SourceView[], name: Name): StackView | null {
  for (const source of views) {
    const loaded = source.stacks.get(name);
    if (loaded !== undefined) return { source, loaded };
  }
  const former = views.find((view) => view.absent.includes(name));
  return former === undefined ? null : { source: former, loaded: null };
}

function stackNamesOf(view: SourceView): readonly Name[] {
  return [...view.stacks.keys(), ...view.absent];
}
