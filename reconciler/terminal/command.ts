import { parseArguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** One command of the command line: what help shows of it, and what it does. */
export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Positional arguments as help shows them: `[STACK]`, `[DIR]`. A required one stands without brackets. */
  readonly positionals: readonly string[];
  readonly options: OptionSpecs;
  /** Each a whole command line and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** What each exit code means. */
  readonly exits: readonly (readonly [code: number, meaning: string])[];
  /** Prints and resolves to the exit code. */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>;
}

/** All that a command gets from outside. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory, absolute. */
  readonly directory: string;
}

export type OptionSpec =
  | { readonly kind: 'flag'; readonly summary: string }
  | { readonly kind: 'text'; readonly value: string; readonly summary: string }
  | { readonly kind: 'list'; readonly value: string; readonly summary: string };

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValue<Spec extends OptionSpec> = Spec extends { readonly kind: 'flag' }
  ? boolean
  : Spec extends { readonly kind: 'list' }
    ? readonly string[]
    : string | undefined;

export type OptionValues<Specs extends OptionSpecs> = {
  readonly [Key in keyof Specs]: OptionValue<Specs[Key]>;
};

export interface Invocation<Specs extends OptionSpecs> extends Surroundings {
  readonly options: OptionValues<Specs>;
  readonly positionals: readonly string[];
}

export interface CommandDefinition<Specs extends OptionSpecs> extends Omit<Command, 'run' | 'options'> {
  readonly options: Specs;
  run(invocation: Invocation<Specs>): Promise<number>;
}

/** Ties the options that a command declares to the values that its `run` gets. */
export function defineCommand<const Specs extends OptionSpecs>(
  definition: CommandDefinition<Specs>,
): Command {
  return {
    ...definition,
    run(args, surroundings) {
      return definition.run({ ...surroundings, ...parseArguments(definition, args) });
    },
  };
}
