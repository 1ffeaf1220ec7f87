import type { DesiredNetwork, DriftMode, DriftPolicy } from '../model/desired.ts';
import type { Drift } from '../model/generated/drift.ts';
import { readDriftPath } from './drift-path.ts';
import { inside, report, type Place } from './place.ts';
import { sortedUnique } from './text-map.ts';

/**
 * What is done about drift where a block says so, and otherwise what holds around it. Lists of ignored fields add up:
 * what the operator leaves alone, no manifest takes back. A mode that a block gives counts for all fields but those that it names.
 */
export function readDrift(block: Drift | undefined, otherwise: DriftPolicy, place: Place): DriftPolicy {
  if (block === undefined) return otherwise;
  if (typeof block === 'string') return { ...otherwise, mode: block, fields: {} };
  const { mode, fields = {}, on_stop: onStop, ignore = [] } = block;
  const own = ignore.flatMap((text, index) => readPath(text, inside(place, 'ignore', index)));
  const modes = Object.entries(fields).flatMap(([text, of]): readonly (readonly [string, DriftMode])[] =>
    of === undefined ? [] : readPath(text, inside(place, 'fields', text)).map((path) => [path, of]),
  );
  return {
    mode: mode ?? otherwise.mode,
    fields: { ...(mode === undefined ? otherwise.fields : {}), ...Object.fromEntries(modes) },
    onStop: onStop ?? otherwise.onStop,
    ignore: sortedUnique([...otherwise.ignore, ...own]),
  };
}

function readPath(text: string, place: Place): readonly string[] {
  const read = readDriftPath(text);
  if (read.kind === 'path') return [read.path];
  report(place, 'WrongValue', read.message);
  return [];
}

/** Networks are compared by the engine's names; people may write those of the manifest. */
export function withEngineNames(
  policy: DriftPolicy,
  networks: ReadonlyMap<string, DesiredNetwork>,
): DriftPolicy {
  const named = (path: string): string => {
    const [, name = '', below = ''] = /^networks\.([^.]+)(.*)$/s.exec(path) ?? [];
    const network = networks.get(name);
    return network === undefined ? path : `networks.${network.engineName}${below}`;
  };
  const fields = Object.entries(policy.fields).map(([path, mode]) => [named(path), mode] as const);
  return { ...policy, fields: Object.fromEntries(fields), ignore: sortedUnique(policy.ignore.map(named)) };
}
