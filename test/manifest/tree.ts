import { checkAcross } from '../../reconciler/manifest/across.ts';
import type { EngineChoice } from '../../reconciler/manifest/engine.ts';
import { findStacks } from '../../reconciler/manifest/layout.ts';
import { parseManifest } from '../../reconciler/manifest/parse.ts';
import { referencedFiles } from '../../reconciler/manifest/references.ts';
import { resolveStack, type ResolvedStack } from '../../reconciler/manifest/resolve.ts';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import type { DesiredService, DesiredStack } from '../../reconciler/model/desired.ts';
import { name } from '../../reconciler/model/ids.ts';
import type { SourceFile } from '../../reconciler/model/ports.ts';
import { formatProblem } from '../../reconciler/model/problem.ts';

/** A source as path to content; `symlink` and `submodule` stand for what Git may hold besides files. */
export type Tree = Readonly<Record<string, string | Uint8Array | typeof symlink | typeof submodule>>;

export const symlink = Symbol('symlink');
export const submodule = Symbol('submodule');

export interface LoadedTree {
  readonly stacks: readonly ResolvedStack[];
  /** As a person reads them. */
  readonly problems: readonly string[];
}

/** What the sync room does with one commit, without Git. */
export function loadTree(tree: Tree, engines?: EngineChoice): LoadedTree {
  const files = Object.keys(tree)
    .sort()
    .map((path) => fileOf(path, tree[path]));
  const layout = findStacks(files);
  const stacks = layout.stacks.map((one) => {
    const manifests = one.manifests.map(({ path }) => parseManifest(path, bytesOf(tree[path])));
    const referenced = referencedFiles(one, manifests);
    const contents = new Map(referenced.map(({ path }) => [path, bytesOf(tree[path])]));
    return resolveStack({ layout: one, manifests, contents, ...(engines && { engines }) });
  });
  const across = checkAcross(stacks.map((resolved) => ({ source: name('main'), resolved })));
  const problems = [
    ...layout.problems,
    ...stacks.flatMap((stack) => stack.problems),
    ...across.map(({ problem }) => problem),
  ];
  return { stacks, problems: problems.map(formatProblem) };
}

function fileOf(path: string, content: Tree[string] | undefined): SourceFile {
  const kind = content === symlink ? 'symlink' : content === submodule ? 'submodule' : 'file';
  return { path, id: path, kind };
}

export function bytesOf(content: Tree[string] | undefined): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === 'string') return new TextEncoder().encode(content);
  throw new Error('only files have content');
}

/** The manifest of a service whose `spec` is this YAML. */
export function serviceManifest(spec: string, service = 'web'): string {
  const body = spec
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `apiVersion: plimsoll.dev/v1\nkind: Service\nmetadata: { name: ${service} }\nspec:\n${body}\n`;
}

export const stackManifest = (spec: string): string =>
  `apiVersion: plimsoll.dev/v1\nkind: Stack\nspec:\n${spec
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}\n`;

/** A stack without problems, or a failed test that shows them. */
export function loadStack(tree: Tree): DesiredStack {
  const { stacks, problems } = loadTree(tree);
  const desired = stacks[0]?.stack ?? null;
  if (problems.length > 0 || desired === null)
    throw new Error(`unexpected problems:\n${problems.join('\n')}`);
  return desired;
}

export function loadService(spec: string, others: Tree = {}): DesiredService {
  const stack = loadStack({ ...others, 'stacks/shop/web.yaml': serviceManifest(spec) });
  const service = stack.services.find(({ name: own }) => own === 'web');
  if (service === undefined) throw new Error('the service is missing');
  return service;
}

/** What a service says, without the parts that every service has. */
export function intentOf(spec: string, others: Tree = {}): Omit<ContainerIntent, 'image'> {
  const {
    image: _image,
    network_mode: mode,
    networks,
    ...said
  } = loadService(`image: app:1\n${spec}`, others).container;
  const isUsual = mode === 'networks' && JSON.stringify(Object.keys(networks ?? {})) === '["shop_default"]';
  return isUsual ? said : { ...said, network_mode: mode!, networks: networks! };
}

/** The problems of one service, without the file's name. */
export function problemsOf(spec: string, others: Tree = {}): readonly string[] {
  return loadTree({ ...others, 'stacks/shop/web.yaml': serviceManifest(spec) }).problems.map((problem) =>
    problem.replace(/^stacks\/shop\/web\.yaml:/, ''),
  );
}
