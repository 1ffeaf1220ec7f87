import {
  driftKey,
  serviceOf,
  type DriftEnd,
  type DriftInterval,
  type DriftSighting,
} from '../model/drift.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { Name, Revision } from '../model/ids.ts';
import { isWithin } from './difference.ts';

export interface DriftLook {
  readonly stack: Name;
  readonly revision: Revision | null;
  readonly desired: DesiredStack;
  /** What was open before. */
  readonly open: readonly DriftInterval[];
  readonly seen: readonly DriftSighting[];
  /** Keys of what a sync has acted upon since the last look. */
  readonly mended: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What one look changes in the record. */
export interface DriftNews {
  readonly opened: readonly DriftInterval[];
  /** Still open, and known better or moved further. */
  readonly changed: readonly DriftInterval[];
  readonly closed: readonly DriftInterval[];
}

/** Opens, continues and closes intervals so that they say what was seen. A pure function; the same look twice is no news. */
export function recordLook(look: DriftLook): DriftNews {
  const { stack, revision, open, seen, now } = look;
  const openByKey = new Map(open.map((interval) => [driftKey(interval), interval]));
  const seenKeys = new Set(seen.map(driftKey));
  const opened = seen
    .filter((sighting) => !openByKey.has(driftKey(sighting)))
    .map((sighting) => beginning(sighting, { stack, revision, now }));
  const changed = seen.flatMap((sighting) => {
    const before = openByKey.get(driftKey(sighting));
    return before === undefined || !isNews(before, sighting) ? [] : [continued(before, sighting)];
  });
  const closed = open
    .filter((interval) => !seenKeys.has(driftKey(interval)))
    .map((interval) => ended(interval, look));
  return { opened, changed, closed };
}

function beginning(
  { at, ...sighting }: DriftSighting,
  { stack, revision, now }: Pick<DriftLook, 'stack' | 'revision' | 'now'>,
): DriftInterval {
  return {
    ...sighting,
    stack,
    revision,
    openedAt: Math.min(at, now),
    seenAt: now,
    closedAt: null,
    end: null,
  };
}

function ended(interval: DriftInterval, look: DriftLook): DriftInterval {
  return { ...interval, closedAt: look.now, end: endOf(interval, look) };
}

export function isNoNews({ opened, changed, closed }: DriftNews): boolean {
  return opened.length + changed.length + closed.length === 0;
}

/** What was told once is not forgotten because the engine has forgotten it. */
function isNews(before: DriftInterval, { kind, found, wanted }: DriftSighting): boolean {
  if (kind !== before.kind && kind !== 'found') return true;
  return !isSameJson(found, before.found) || !isSameJson(wanted, before.wanted);
}

function isSameJson(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function continued(before: DriftInterval, { kind, because, found, wanted }: DriftSighting): DriftInterval {
  const account = kind === 'found' ? {} : { kind, because };
  return { ...before, ...account, found, wanted };
}

function endOf(interval: DriftInterval, { desired, revision, seen, mended }: DriftLook): DriftEnd {
  const { resource, field } = interval;
  if (mended.has(driftKey(interval))) return 'healed';
  // Where there is no container any more, that it was stopped is old news.
  if (seen.some((other) => other.field === 'presence' && isSameJson(other.resource, resource)))
    return 'overtaken';
  const name = serviceOf(resource);
  const service = desired.services.find((one) => one.name === name);
  if (name !== null && service === undefined) return 'committed';
  if (service !== undefined && (service.drift.mode === 'off' || isWithin(field, service.drift.ignore)))
    return 'tolerated';
  return revision === interval.revision ? 'reverted' : 'committed';
}
