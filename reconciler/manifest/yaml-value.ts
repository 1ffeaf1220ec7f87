import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Json } from '../model/json.ts';
import type { Path } from './place.ts';
import { isMergeKey, keyText, scalarValue } from './yaml-scalar.ts';

/** Where a value stands and where the key that leads to it, as offsets in the text; and the same inside it. */
export interface Mark {
  readonly key: number;
  readonly value: number;
  readonly children: ReadonlyMap<string | number, Mark>;
}

/** A mistake that only the YAML nodes show. */
export interface Flaw {
  readonly offset: number;
  readonly path: Path;
  readonly code: string;
  readonly message: string;
}

export interface Converted {
  /** Stands for the document only when every flaw is a key that was left out. */
  readonly value: Json;
  readonly mark: Mark;
  readonly flaws: readonly Flaw[];
}

const maxDepth = 64;
const maxNodes = 100_000;
const maxTextLength = 8 * 1024 * 1024;
const maxFlaws = 100;

const knownTags: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/**
 * A plain value out of YAML nodes. Aliases and merge keys are expanded as Compose does, within a bound for the whole
 * document, so that a few lines cannot unfold into gigabytes.
 */
export function convert(root: unknown): Converted {
  const walk: Walk = { anchors: new Map(), open: new Set(), flaws: [], nodes: 0, textLength: 0 };
  const entry = convertNode(walk, root, { path: [], key: offsetOf(root) ?? 0 });
  return { ...entry, flaws: walk.flaws };
}

/** What has been met so far, in the order of the text. */
interface Walk {
  readonly anchors: Map<string, unknown>;
  /** Nodes that we are inside of, so that one which contains itself is seen. */
  readonly open: Set<unknown>;
  readonly flaws: Flaw[];
  nodes: number;
  textLength: number;
}

interface Spot {
  readonly path: Path;
  readonly key: number;
}

interface Entry {
  readonly value: Json;
  readonly mark: Mark;
}

type Children = Map<string | number, Mark>;

const noChildren: Mark['children'] = new Map();

function convertNode(walk: Walk, node: unknown, spot: Spot): Entry {
  const value = offsetOf(node) ?? spot.key;
  const empty: Entry = { value: null, mark: { key: spot.key, value, children: noChildren } };
  const excess = findExcess(walk, node, spot);
  if (excess !== null) {
    addFlaw(walk, { offset: value, path: [], code: 'YamlTooComplex', message: excess });
    return empty;
  }
  if (isAlias(node)) return convertAlias(walk, node.source, { path: spot.path, key: value }) ?? empty;
  if (isNode(node)) register(walk, node, spot);
  if (isScalar(node)) return { ...empty, value: convertScalar(walk, node, spot) };
  if (!isMap(node) && !isSeq(node)) return empty;
  walk.open.add(node);
  const children: Children = new Map();
  const inner = isMap(node)
    ? convertMap(walk, node, { spot, children })
    : convertSeq(walk, node, { spot, children });
  walk.open.delete(node);
  return { value: inner, mark: { key: spot.key, value, children } };
}

function findExcess(walk: Walk, node: unknown, spot: Spot): string | null {
  walk.nodes += 1;
  if (isScalar(node) && typeof node.value === 'string') walk.textLength += node.value.length;
  if (walk.nodes > maxNodes || walk.textLength > maxTextLength) {
    return 'unfolds into too much. Use fewer aliases, or split the file.';
  }
  return spot.path.length > maxDepth ? `is nested deeper than ${maxDepth} levels. Flatten it.` : null;
}

function convertAlias(walk: Walk, anchor: string, spot: Spot): Entry | null {
  const target = walk.anchors.get(anchor);
  const at = { offset: spot.key, path: spot.path, code: 'YamlInvalid' };
  if (target === undefined) {
    addFlaw(walk, {
      ...at,
      message: `refers to the anchor &${anchor}, which is not above it in this document.`,
    });
    return null;
  }
  if (walk.open.has(target)) {
    addFlaw(walk, {
      ...at,
      message: `refers to the anchor &${anchor}, which contains it. Write the value out.`,
    });
    return null;
  }
  return convertNode(walk, target, spot);
}

function register(walk: Walk, node: { anchor?: string; tag?: string; range?: unknown }, spot: Spot): void {
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (node.tag === undefined || knownTags.has(node.tag)) return;
  const message = `has the tag ${node.tag}, which has no meaning here. Remove the tag and write a plain value.`;
  addFlaw(walk, { offset: offsetOf(node) ?? spot.key, path: spot.path, code: 'TagUnsupported', message });
}

function convertScalar(
  walk: Walk,
  node: { value: unknown; source?: string; type?: string },
  spot: Spot,
): Json {
  const value = scalarValue(node);
  if (typeof value === 'string' && value.includes('\0')) {
    const message = 'holds a NUL character, which no engine accepts. Remove it.';
    addFlaw(walk, { offset: offsetOf(node) ?? spot.key, path: spot.path, code: 'YamlInvalid', message });
  }
  return value;
}

interface Inside {
  readonly spot: Spot;
  readonly children: Children;
}

function convertSeq(walk: Walk, node: YAMLSeq, { spot, children }: Inside): Json {
  return node.items.map((item, index) => {
    const { value, mark } = convertNode(walk, isPair(item) ? null : item, {
      path: [...spot.path, index],
      key: offsetOf(item) ?? spot.key,
    });
    children.set(index, mark);
    return value;
  });
}

function convertMap(walk: Walk, node: YAMLMap, inside: Inside): Json {
  const own = new Map<string, Json>();
  const merged: unknown[] = [];
  for (const { key, value } of node.items) {
    if (isScalar(key)) register(walk, key, inside.spot);
    const text = keyText(key);
    const at = offsetOf(key) ?? inside.spot.key;
    if (isMergeKey(key)) {
      merged.push(value);
      continue;
    }
    const wrong = findWrongKey(text, own);
    if (text === null || wrong !== null) {
      addFlaw(walk, { offset: at, path: inside.spot.path, ...(wrong ?? keyIsNoText) });
      continue;
    }
    const entry = convertNode(walk, value, { path: [...inside.spot.path, text], key: at });
    own.set(text, entry.value);
    inside.children.set(text, entry.mark);
  }
  for (const value of merged) mergeInto(walk, own, { value, inside });
  return Object.fromEntries(own);
}

const keyIsNoText = {
  code: 'KeyInvalid',
  message: 'has a key that is not plain text. Write a name before the colon.',
};

function findWrongKey(
  key: string | null,
  own: ReadonlyMap<string, Json>,
): Pick<Flaw, 'code' | 'message'> | null {
  if (key === null || key === '') return keyIsNoText;
  // It would set what the object inherits from instead of a key of its own.
  if (key === '__proto__')
    return { code: 'KeyInvalid', message: 'cannot have the key __proto__. Choose another name.' };
  if (!own.has(key)) return null;
  return { code: 'DuplicateKey', message: `has the key ${JSON.stringify(key)} twice. Keep one of them.` };
}

/** `<<: *base` or `<<: [*first, *second]`: keys of its own come before merged ones, earlier before later. */
function mergeInto(
  walk: Walk,
  own: Map<string, Json>,
  { value, inside }: { readonly value: unknown; readonly inside: Inside },
): void {
  const sources = isSeq(value) ? value.items : [value];
  for (const source of sources) {
    const spot = { path: inside.spot.path, key: offsetOf(source) ?? inside.spot.key };
    const entry = convertNode(walk, source, spot);
    if (typeof entry.value !== 'object' || entry.value === null || Array.isArray(entry.value)) {
      const message = 'merges something that is not a map. `<<` takes an alias of a map, or a list of them.';
      addFlaw(walk, { offset: spot.key, path: spot.path, code: 'YamlInvalid', message });
      continue;
    }
    for (const [key, merged] of Object.entries(entry.value)) {
      if (own.has(key) || merged === undefined) continue;
      own.set(key, merged);
      const mark = entry.mark.children.get(key);
      if (mark !== undefined) inside.children.set(key, mark);
    }
  }
}

function addFlaw(walk: Walk, flaw: Flaw): void {
  const isKnown = flaw.code === 'YamlTooComplex' && walk.flaws.some(({ code }) => code === flaw.code);
  if (!isKnown && walk.flaws.length < maxFlaws) walk.flaws.push(flaw);
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
