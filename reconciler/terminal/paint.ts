/** Each wraps a text in a colour, or returns it as it is where colours are off. */
export interface Paint {
  /** For what paints by itself. */
  readonly isOn: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Colours only on a terminal; FORCE_COLOR and NO_COLOR decide otherwise, in this order, as Node itself does. */
export function createPaint(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  const isOn = wantsColour(isTerminal, environment);
  const wrap = (start: number, end: number) => (text: string) =>
    isOn && text !== '' ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return {
    isOn,
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  };
}

function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && environment['TERM'] !== 'dumb';
}
