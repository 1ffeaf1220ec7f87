#!/usr/bin/env node
import { applyCommand } from './cli/apply.ts';
import { deliveriesCommand } from './cli/deliveries.ts';
import { diffCommand } from './cli/diff.ts';
import { doctorCommand } from './cli/doctor.ts';
import { driftCommand } from './cli/drift.ts';
import { historyCommand } from './cli/history.ts';
import { initCommand } from './cli/init.ts';
import { pauseCommand } from './cli/pause.ts';
import { planCommand } from './cli/plan.ts';
import { resumeCommand } from './cli/resume.ts';
import { reviewsCommand } from './cli/reviews.ts';
import { runCommand } from './cli/run.ts';
import { schemaCommand } from './cli/schema.ts';
import { statusCommand } from './cli/status.ts';
import { syncCommand } from './cli/sync.ts';
import { validateCommand } from './cli/validate.ts';
import { isSyncError } from './model/error.ts';
import { nearest } from './model/nearest.ts';
import { readVersion } from './version.ts';
import { describeBug } from './terminal/bug.ts';
import type { Command } from './terminal/command.ts';
import { formatHelp, formatOverview } from './terminal/help.ts';
import { createTerminal, type Terminal } from './terminal/terminal.ts';
import { singleLine } from './terminal/text.ts';
import { UsageError } from './terminal/usage.ts';

const commands: readonly Command[] = [
  validateCommand,
  planCommand,
  applyCommand,
  runCommand,
  statusCommand,
  historyCommand,
  diffCommand,
  deliveriesCommand,
  driftCommand,
  reviewsCommand,
  syncCommand,
  pauseCommand,
  resumeCommand,
  schemaCommand,
  initCommand,
  doctorCommand,
];

/** What a shell reports of a command that Ctrl-C ended. */
const interrupted = 130;

const { argv, stdout, stderr, env: environment } = process;
const terminal = createTerminal({ stdout, stderr, environment });

process.on('uncaughtException', (error) => leave(tellBug(terminal, error)));
process.on('unhandledRejection', (error) => leave(tellBug(terminal, error)));
leave(await answer(argv.slice(2), terminal));

/** The exit code of one command line. */
async function answer(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...args] = words;
  const isBeforeEnd = (word: string): boolean => words.slice(0, endOfOptions(words)).includes(word);
  if (name === undefined || name === 'help' || name.startsWith('-')) return introduce(words, terminal);
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) return refuseCommand(name, terminal);
  if (isBeforeEnd('--help') || isBeforeEnd('-h')) {
    terminal.print(formatHelp(command, terminal.paint));
    return 0;
  }
  try {
    return await command.run(args, { terminal, environment, directory: process.cwd() });
  } catch (error) {
    return tellError(error, { command, terminal, isJson: isBeforeEnd('--json') });
  }
}

function endOfOptions(words: readonly string[]): number {
  const end = words.indexOf('--');
  return end === -1 ? words.length : end;
}

/** `plimsoll`, `plimsoll --help`, `plimsoll help plan`, `plimsoll --version`. */
function introduce([first, second]: readonly string[], terminal: Terminal): number {
  if (first === '--version' || first === '-v') {
    terminal.print(readVersion());
    return 0;
  }
  const command = first === 'help' ? commands.find(({ name }) => name === second) : undefined;
  if (command !== undefined) {
    terminal.print(formatHelp(command, terminal.paint));
    return 0;
  }
  const isAsked = first === '--help' || first === '-h' || (first === 'help' && second === undefined);
  if (!isAsked && first !== undefined) return refuseCommand(second ?? first, terminal);
  if (isAsked) terminal.print(formatOverview(commands, terminal.paint));
  else terminal.say(formatOverview(commands, terminal.accent));
  return isAsked ? 0 : 1;
}

function refuseCommand(name: string, terminal: Terminal): number {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  const what = name.startsWith('-') ? 'option' : 'command';
  const advice = near === null ? '`plimsoll --help` lists them.' : `Did you mean \`plimsoll ${near}\`?`;
  terminal.say(`plimsoll: there is no ${what} "${singleLine(name)}". ${advice}`);
  return 1;
}

interface Telling {
  readonly command: Command;
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

/** People's mistakes and the world's failures are a sentence; only a bug shows where it happened. */
function tellError(error: unknown, { command, terminal, isJson }: Telling): number {
  if (error instanceof UsageError) {
    terminal.say(`plimsoll ${command.name}: ${error.message}`);
    terminal.say(`\`plimsoll ${command.name} --help\` shows how it is used.`);
    return 1;
  }
  if (!isSyncError(error)) return tellBug(terminal, error);
  if (error.code === 'Cancelled') {
    terminal.say(error.message);
    return interrupted;
  }
  if (isJson)
    terminal.print(JSON.stringify({ error: { code: error.code, message: error.message } }, null, 2));
  else terminal.say(`${terminal.accent.red('error')} ${error.message}`);
  return 1;
}

function tellBug(terminal: Terminal, error: unknown): number {
  const [first = '', ...rest] = describeBug(error, readVersion());
  terminal.say(`${terminal.accent.red('bug')} ${first}`);
  for (const line of rest) terminal.say(line);
  return 1;
}

/** Lets what is written reach its reader; whatever else still keeps the process busy has two seconds. */
function leave(code: number): void {
  terminal.show('');
  process.exitCode = code;
  setTimeout(() => process.exit(), 2000).unref();
}
