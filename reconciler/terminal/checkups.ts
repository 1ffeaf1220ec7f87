import type { Paint } from './paint.ts';

export interface ShownCheckup {
  readonly part: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly remedy: string;
}

/** What `plimsoll doctor` prints: a line for each thing looked at, and below it what to do. */
export function formatCheckups(checkups: readonly ShownCheckup[], paint: Paint): string {
  return checkups
    .flatMap(({ part, level, message, remedy }) => [
      `${formatLevel(level, paint)}  ${part.padEnd(6)}  ${message}`,
      ...(remedy === '' ? [] : [`${' '.repeat(14)}${remedy}`]),
    ])
    .join('\n');
}

function formatLevel(level: ShownCheckup['level'], paint: Paint): string {
  switch (level) {
    case 'ok':
      return paint.green('ok  ');
    case 'warn':
      return paint.yellow('warn');
    case 'fail':
      return paint.red('fail');
    default:
      return level satisfies never;
  }
}
