import type { Cause } from '../model/change.ts';
import type { Difference } from './difference.ts';
import { printable } from './printable.ts';
import type { Slot } from './slots.ts';
import type { ServiceSurvey } from './survey.ts';
import { formatValue, isSecret } from './value.ts';

interface Explained extends Difference {
  readonly cause: Cause;
}

/** Why something is done to one instance: a clause without its name. */
export function describeSlot({ keeper, old, absence }: Slot, { service }: ServiceSurvey): string {
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
  if (path === 'state') return `it was ${formatValue(path, from)}`;
  if (path === 'name') return 'an interrupted sync left it without its name';
  if (cause.kind === 'image') return `its image moved ${formatValue(path, from)} -> ${formatValue(path, to)}`;
  if (from === undefined) return `${printable(path)} was added`;
  if (to === undefined) return `${printable(path)} was taken away`;
  const drifted = cause.kind === 'drift' ? 'drifted' : 'changed';
  return isSecret(path)
    ? `${printable(path)} ${drifted}`
    : `${printable(path)} ${drifted} ${formatValue(path, from)} -> ${formatValue(path, to)}`;
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
