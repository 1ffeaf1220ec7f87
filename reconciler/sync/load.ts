import type { Defaults } from '../manifest/defaults.ts';
import { anyEngine, type EngineChoice } from '../manifest/engine.ts';
import { findStacks, type StackLayout } from '../manifest/layout.ts';
import { parseManifest, type ParsedFile } from '../manifest/parse.ts';
import { referencedFiles } from '../manifest/references.ts';
import { resolveStack, type ResolvedStack } from '../manifest/resolve.ts';
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
  const contents = new Map<string, Uint8Array>();
  for (const { path, id } of referencedFiles(layout, manifests)) contents.set(path, await tree.readBlob(id));
  return resolveStack({ layout, manifests, contents, defaults, engines });
}

async function parse(file: SourceFile, { tree, cache, parsed }: StackReading): Promise<ParsedFile> {
  const key = `${file.id} ${file.path}`;
  const manifest = cache.get(key) ?? parseManifest(file.path, await tree.readBlob(file.id));
  parsed.set(key, manifest);
  return manifest;
}
