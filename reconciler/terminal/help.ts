import type { Command, OptionSpec } from './command.ts';
import type { Paint } from './paint.ts';
import { widthOf } from './text.ts';

/** What `plimsoll --help` prints. */
export function formatOverview(commands: readonly Command[], paint: Paint): string {
  const rows = commands.map((command) => [[command.name, ...command.positionals].join(' '), command.summary]);
  return [
    `${paint.bold('plimsoll')} keeps what runs on Docker at the line drawn in Git.`,
    '',
    paint.bold('Commands'),
    ...formatPairs(rows),
    '',
    `${paint.bold('plimsoll COMMAND --help')} explains one of them, with examples. \`plimsoll --version\` prints the version.`,
  ].join('\n');
}

/** What `plimsoll COMMAND --help` prints. */
export function formatHelp(command: Command, paint: Paint): string {
  const options = [...Object.entries(command.options), ['help', helpOption] as const];
  return [
    `${paint.bold(`plimsoll ${[command.name, ...command.positionals].join(' ')}`)}  ${command.summary}.`,
    '',
    paint.bold('Options'),
    ...formatPairs(options.map(([name, spec]) => [formatOption(name, spec), spec.summary])),
    '',
    paint.bold('Examples'),
    ...formatPairs(command.examples.map(([line, purpose]) => [line, purpose])),
    '',
    paint.bold('Exit codes'),
    ...formatPairs(command.exits.map(([code, meaning]) => [String(code), meaning])),
  ].join('\n');
}

const helpOption: OptionSpec = { kind: 'flag', summary: 'this text' };

function formatOption(name: string, spec: OptionSpec): string {
  switch (spec.kind) {
    case 'flag':
      return `--${name}`;
    case 'text':
      return `--${name} ${spec.value}`;
    case 'list':
      return `--${name} ${spec.value}…`;
    default:
      return spec satisfies never;
  }
}

function formatPairs(rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(...rows.map(([left = '']) => widthOf(left)));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
