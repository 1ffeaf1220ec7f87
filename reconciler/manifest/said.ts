import type { ContainerField, ContainerIntent, ContainerSpec } from '../model/container.ts';

/** Every field of a container; undefined is what nobody said anything about. */
export type Said = { readonly [Field in ContainerField]: ContainerSpec[Field] | undefined };

/** Where empty says something: an image's command is cleared, a container is in no network. */
const meaningfulWhenEmpty: ReadonlySet<string> = new Set(['command', 'entrypoint', 'networks']);

/** What was said. An empty text, list or map says nothing, so that `ports: []` is the same as no ports. */
export function intentOf({ image = '', ...said }: Said): ContainerIntent {
  const entries = Object.entries(said).filter(([field, value]) => !isUnsaid(field, value));
  return { image, ...(Object.fromEntries(entries) as Partial<ContainerSpec>) };
}

function isUnsaid(field: string, value: Said[ContainerField]): boolean {
  if (value === undefined || value === '') return true;
  if (typeof value !== 'object' || value === null || meaningfulWhenEmpty.has(field)) return false;
  return Object.keys(value).length === 0;
}
