import { defaultEngine, isName, type Name } from '../model/ids.ts';
import { report, type Place } from './place.ts';
import { suggestion } from './suggestion.ts';

/** Which engines the stacks of a source may run on. */
export interface EngineChoice {
  /** Every engine of the operator's file; null where nobody knows them, so that any name is good. */
  readonly configured: readonly Name[] | null;
  /** Of these, what the operator leaves to this source. */
  readonly allowed: readonly Name[];
  /** What holds where a stack names none; null where each must. */
  readonly byDefault: Name | null;
}

/** Where no operator's file says anything: manifests are checked by themselves. */
export const anyEngine: EngineChoice = { configured: null, allowed: [], byDefault: defaultEngine };

/** The engine of a stack. What a person got wrong is reported, and then some name stands for it. */
export function readEngine(said: string | undefined, choice: EngineChoice, place: Place): Name {
  const { configured, allowed, byDefault } = choice;
  if (said === undefined) return byDefault ?? reportMissing(choice, place);
  if (configured === null) return isName(said) ? said : reportUnknown(said, [], place);
  const known = configured.find((engine) => engine === said);
  if (known === undefined) return reportUnknown(said, allowed, place);
  if (allowed.includes(known)) return known;
  const message = `names the engine ${said}, which the operator's file does not leave to this source. It may use ${list(allowed)}.`;
  report(place, 'EngineForbidden', message);
  return known;
}

function reportMissing({ allowed }: EngineChoice, place: Place): Name {
  const message = `should name the engine that the stack runs on, ${list(allowed)}: in stack.yaml, or under \`x-plimsoll\` in a Compose file. Or set \`default_engine\` in the operator's file.`;
  report(place, 'EngineMissing', message);
  return defaultEngine;
}

function reportUnknown(said: string, allowed: readonly Name[], place: Place): Name {
  const meant = suggestion(said, allowed);
  const otherwise = allowed.length === 0 ? '.' : `. There is ${list(allowed)}.`;
  const message = `names the engine ${JSON.stringify(said)}, which the operator's file does not have${meant === '' ? otherwise : meant}`;
  report(place, 'UnknownEngine', message);
  return defaultEngine;
}

function list(names: readonly Name[]): string {
  return names.join(' or ');
}
