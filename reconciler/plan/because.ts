import type { Cause } from '../model/change.ts';
import type { Difference } from './difference.ts';
import type { Json } from '../model/json.ts';
import { printable } from './printable.ts';
import type { Slot } from './slots.ts';
import type { ServiceSurvey } from './survey.ts';
import { formatValue, isSecret } from './value.ts';

interface Explained extends Difference {
  readonly cause: Cause;
}

/** Why something is done to one instance: a clause without its name. */
export function describeSlot({ keeper, old, absence, renamed }: Slot, { service }: ServiceSurvey): string {
  if (renamed !== null) return `somebody renamed it to ${printable(renamed.container.name)}`;
  if (absence !== null) return absence.cause.kind === 'drift' ? 'it is gone' : 'it is not there yet';
  const reading = keeper ?? old;
  const acting = (reading?.changes ?? []).filter(({ isActing }) => isActing);
  const [first, ...rest] = acting;
  if (first !== undefined) return withRest(describeChange(first), rest.length);
  return keeper === null || old === null
    ? `${service.name} was left over from an interrupted sync`
    : 'an interrupted sync left two of it';
}

/** `image changed redis:7 -> redis:8`, as a clause. */
export function describeChange({ path, from, to, cause }: Explained): string {
  if (cause.kind === 'dependency') return describeDependency(path, cause.service);
  if (path === 'state') return describeState(from);
  if (path.startsWith('configs.') && path.endsWith('.reaction'))
    return `an interrupted sync wrote ${printable(path.slice('configs.'.length, -'.reaction'.length))} and may not have told it`;
  if (path === 'name' && cause.kind !== 'drift') return 'an interrupted sync left it without its name';
  const what = printable(path);
  const [present, wanted] = [formatValue(path, from), formatValue(path, to)];
  if (cause.kind === 'image') return `its image moved ${present} -> ${wanted}`;
  if (cause.kind === 'drift')
    return describeDrift(what, isSecret(path) ? '' : ` to ${present}`, { from, to });
  if (from === undefined) return `${what} was added`;
  if (to === undefined) return `${what} was taken away`;
  return isSecret(path) ? `${what} changed` : `${what} changed ${present} -> ${wanted}`;
}

function describeDrift(what: string, where: string, { from, to }: Omit<Difference, 'path'>): string {
  if (from === undefined) return `${what} has gone missing`;
  return to === undefined ? `${what} does not belong there` : `${what} drifted${where}`;
}

function describeState(seen: Json | undefined): string {
  const state = typeof seen === 'string' ? seen : 'gone';
  if (state.startsWith('exited')) return `it ${state}`;
  if (state.startsWith('stopped')) return 'somebody stopped it, which on_stop respects';
  const clauses: Readonly<Record<string, string>> = {
    created: 'it was never started',
    restarting: 'it restarts again and again',
    paused: 'it was paused',
  };
  return clauses[state] ?? `it is ${printable(state)}`;
}

/** `, and 2 more` where one reason stands for several. */
export function withRest(first: string, others: number): string {
  return others === 0 ? first : `${first}, and ${others} more`;
}

function describeDependency(path: string, service: string): string {
  return path === 'state'
    ? `${service} was replaced or restarted`
    : `${service}, whose ${path} it shares, is replaced`;
}
