import type { FindingLevel } from '../model/change.ts';
import type { Decision } from '../model/plan.ts';

/** Colours, or nothing at all. Text passes `printable` before it gets here, so that only our own codes reach a terminal. */
export interface Ink {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly verdict: (verdict: Decision['verdict'], text: string) => string;
  readonly level: (level: FindingLevel, text: string) => string;
}

export function createInk(isColored: boolean): Ink {
  const paint = (code: string) => (text: string) => (isColored ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    strong: paint('1'),
    faint: paint('2'),
    verdict: (verdict, text) => paint(verdictColors[verdict])(text),
    level: (level, text) => paint(levelColors[level])(text),
  };
}

const [red, green, yellow, blue, grey] = ['31', '32', '33', '34', '2'] as const;

const verdictColors: Readonly<Record<Decision['verdict'], string>> = {
  create: green,
  inPlace: blue,
  rolling: blue,
  recreate: yellow,
  delete: red,
  dataLoss: red,
  unchanged: grey,
  held: yellow,
  ignored: grey,
  blocked: red,
};

const levelColors: Readonly<Record<FindingLevel, string>> = {
  info: grey,
  warn: yellow,
  approve: yellow,
  deny: red,
};
