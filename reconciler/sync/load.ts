import type { Defaults } from '../manifest/defaults.ts';
import { anyEngine, type EngineChoice } from '../manifest/engine.ts';
import { findStacks, type StackLayout } from '../manifest/layout.ts';
import { parseManifest, type ParsedFile } from '../manifest/parse.ts';
import { referencedFiles } from '../manifest/references.ts';
import { resolveStack, type ResolvedStack, type StackInput } from '../manifest/resolve.ts';
import type { SourceFile, SourceTree } from '../model/ports.ts';
import { sortProblems, type Problem } from '../model/problem.ts';

/** What a source's files say, before anything is known of other sources. */
export interface LoadedTree {
  readonly stacks: readonly ResolvedStack[];
  /** Those that belong to no stack. */
  readonly problems: readonly Problem[];
}

/**
 * Parsed manifests by path and blob id, those of the last read only. YAML is by far the dearest part of a read (0.3 ms a
 * manifest), and most commits touch few files.
 */
export type ParseCache = Map<string, ParsedFile>;

export interface LoadOptions {
  readonly defaults: Defaults;
  /** Default: any name is good. */
  readonly engines?: EngineChoice;
  readonly cache: ParseCache;
}

/** Reads every manifest of a tree and what they refer to, and resolves each stack. People's mistakes are values. */
export async function loadTree(
  tree: SourceTree,
  { defaults, engines = anyEngine, cache }: LoadOptions,
): Promise<LoadedTree> {
  const layout = findStacks(tree.files);
  const parsed: ParseCache = new Map();
  const stacks: ResolvedStack[] = [];
  for (const stack of layout.stacks)
    stacks.push(await loadStack(stack, { tree, defaults, engines, cache, parsed }));
  cache.clear();
  for (const [key, file] of parsed) cache.set(key, file);
  return { stacks, problems: sortProblems([...tree.problems, ...layout.problems]) };
}

interface StackReading {
  readonly tree: SourceTree;
  readonly defaults: Defaults;
  readonly engines: EngineChoice;
  readonly cache: ParseCache;
  /** Filled with what this read used. */
  readonly parsed: ParseCache;
}

async function loadStack(layout: StackLayout, reading: StackReading): Promise<ResolvedStack> {
  const { tree, defaults, engines } = reading;
  const manifests = await Promise.all(layout.manifests.map((file) => parse(file, reading)));
  const referenced = referencedFiles(layout, manifests);
  const ids = referenced.map(({ path, id }) => `${id} ${path}`).join('\n');
  const contents = new Map<string, Uint8Array>();
  for (const { path, id } of referenced) contents.set(path, await tree.readBlob(id));
  return resolveOnce({ layout, manifests, contents, defaults, engines }, ids);
}

interface Resolution {
  readonly of: StackInput;
  /** Of the files that the manifests refer to. */
  readonly ids: string;
  readonly resolved: ResolvedStack;
}

/** By the first manifest of a stack. */
const resolutions = new WeakMap<ParsedFile, Resolution>();

/**
 * A stack of which nothing was changed stays the very same value, so that who compares it with the last one sees that at
 * once. One with problems is looked at anew: what would mend it may lie anywhere in the repository.
 */
function resolveOnce(input: StackInput, ids: string): ResolvedStack {
  const [first] = input.manifests;
  const known = first && resolutions.get(first);
  if (known !== undefined && known.ids === ids && isSameInput(known.of, input)) return known.resolved;
  const resolved = resolveStack(input);
  if (first !== undefined && resolved.problems.length === 0) {
    resolutions.set(first, { of: input, ids, resolved });
  }
  return resolved;
}

function isSameInput(left: StackInput, right: StackInput): boolean {
  return (
    left.layout.name === right.layout.name &&
    left.layout.problems.length === right.layout.problems.length &&
    left.defaults === right.defaults &&
    left.engines === right.engines &&
    left.manifests.length === right.manifests.length &&
    left.manifests.every((manifest, index) => manifest === right.manifests[index])
  );
}

async function parse(file: SourceFile, { tree, cache, parsed }: StackReading): Promise<ParsedFile> {
  const key = `${file.id} ${file.path}`;
  const manifest = cache.get(key) ?? parseManifest(file.path, await tree.readBlob(file.id));
  parsed.set(key, manifest);
  return manifest;
}
