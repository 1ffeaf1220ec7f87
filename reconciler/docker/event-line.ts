import type { ObservedEvent } from '../model/observed.ts';
import type { EventAnswer } from './wire.ts';

/** What the stream tells. Between `connected` and `lost` it tells everything, as far as an engine can be trusted. */
export type EngineEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost' }
  /** The stream goes on, but the engine has left something out. */
  | { readonly kind: 'gap' }
  | {
      readonly kind: 'container';
      readonly id: string;
      readonly action: string;
      /** Name and labels among them; empty for what happened to its networks. */
      readonly attributes: Readonly<Record<string, string>>;
    }
  /** A network or a volume was made or removed. */
  | { readonly kind: 'resource'; readonly of: 'network' | 'volume'; readonly name: string }
  | { readonly kind: 'image' }
  | { readonly kind: 'reload' };

/** After it nothing is known that was known before. */
export function breaksTrust({ kind }: EngineEvent): boolean {
  return kind === 'connected' || kind === 'lost' || kind === 'gap';
}

/** One line of the stream, in both its meanings: what it asks us to do, and what it leaves for the record. */
export interface EventLine {
  readonly event: EngineEvent | null;
  readonly told: ObservedEvent | null;
  /** The same for the same event whenever it is told again. */
  readonly key: string;
}

export function readEventLine(line: string, clockOffsetMs: number): EventLine {
  const answer: EventAnswer = JSON.parse(line);
  const { Type, Action = '', Actor, timeNano } = answer;
  const at = Math.round((timeNano ?? 0) / 1e6 + clockOffsetMs);
  const key = `${timeNano ?? ''} ${Type ?? ''} ${Action ?? ''} ${Actor?.ID ?? ''}`;
  return { event: meaningOf(answer), told: recordOf(answer, at), key };
}

function meaningOf({ Type, Action, Actor }: EventAnswer): EngineEvent | null {
  const attributes = Actor?.Attributes ?? {};
  const id = Actor?.ID ?? '';
  switch (Type) {
    case 'container':
      return { kind: 'container', id, action: Action ?? '', attributes };
    case 'network': {
      const { container, name = '' } = attributes;
      if (container === undefined) return { kind: 'resource', of: 'network', name };
      return { kind: 'container', id: container, action: Action ?? '', attributes: {} };
    }
    case 'volume':
      return { kind: 'resource', of: 'volume', name: id };
    case 'image':
      return { kind: 'image' };
    case 'daemon':
      return { kind: 'reload' };
    default:
      return null;
  }
}

/** Of the attributes, those that tell how something happened; the others are labels. */
const telling = ['signal', 'exitCode', 'oldName'] as const;

function recordOf({ Type, Action, Actor }: EventAnswer, at: number): ObservedEvent | null {
  const attributes = Actor?.Attributes ?? {};
  const { name = '', container } = attributes;
  const id = Actor?.ID ?? '';
  const action = Action ?? '';
  const details = Object.fromEntries(telling.flatMap((key) => pairOf(key, attributes[key])));
  switch (Type) {
    case 'container':
      return { at, subject: 'container', id, name, action, details };
    case 'network':
      // The engine names the container by its id only.
      return container === undefined
        ? { at, subject: 'network', id, name, action, details }
        : { at, subject: 'container', id: container, name: '', action, details: { network: name } };
    case 'volume':
      return { at, subject: 'volume', id, name: id, action, details };
    case 'image':
      return { at, subject: 'image', id, name, action, details };
    default:
      return null;
  }
}

function pairOf(key: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[key, value]];
}
