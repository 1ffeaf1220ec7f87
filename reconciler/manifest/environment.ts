import type { Container, ContainerEnvFile } from '../model/generated/container.ts';
import type { StackContext } from './context.ts';
import { parseDotenv, parseRawEnv } from './dotenv.ts';
import { inside, report, reportKey, type Place } from './place.ts';
import { pathInSource, readRepositoryFile } from './repository.ts';
import { pairsOf, type MapOrList } from './text-map.ts';
import { decodeText } from './text.ts';

type Environment = Readonly<Record<string, string>>;

/** Env files in their order, then `environment` over them. Undefined when nothing is said. */
export function readEnvironment(
  spec: Pick<Container, 'environment' | 'env_file'>,
  context: StackContext,
  place: Place,
): Environment | undefined {
  if (spec.environment === undefined && spec.env_file === undefined) return undefined;
  const all = new Map<string, string>();
  for (const file of envFilesOf(spec.env_file)) {
    const at = inside(place, 'env_file', ...file.steps);
    for (const [name, value] of readEnvFile(file, { context, all }, at)) all.set(name, value);
  }
  const at = inside(place, 'environment');
  for (const [name, value] of readOwn(spec.environment, context, at)) all.set(name, value);
  return Object.fromEntries(all);
}

interface EnvFile extends ContainerEnvFile {
  readonly steps: readonly (string | number)[];
}

/** The short and the long forms as one list. */
export function envFilesOf(value: Container['env_file']): readonly EnvFile[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ path: value, steps: [] }];
  return value.map((entry, index) =>
    typeof entry === 'string' ? { path: entry, steps: [index] } : { ...entry, steps: [index] },
  );
}

interface Sofar {
  readonly context: StackContext;
  readonly all: ReadonlyMap<string, string>;
}

function readEnvFile(file: EnvFile, { context, all }: Sofar, place: Place): ReadonlyMap<string, string> {
  const none = new Map<string, string>();
  if (file.required === false && isMissing(file.path, context)) return none;
  const content = readRepositoryFile(context.repository, file.path, place);
  if (content === null) return none;
  const text = decodeText(content.bytes);
  if (text === null) {
    report(place, 'NotUtf8', 'names a file that is not UTF-8 text. Save it with that encoding.');
    return none;
  }
  const lookup = (name: string): string | undefined => context.variables.get(name) ?? all.get(name);
  const { values, mistakes } = file.format === 'raw' ? parseRawEnv(text) : parseDotenv(text, lookup);
  for (const { line, message } of mistakes)
    report(place, 'InvalidEnvFile', `names ${content.path}, whose line ${line} ${message}`);
  return values;
}

function isMissing(path: string, { repository }: StackContext): boolean {
  const whole = pathInSource(repository.directory, path);
  return whole !== null && !repository.files.has(whole);
}

function readOwn(
  value: MapOrList | undefined,
  context: StackContext,
  place: Place,
): readonly (readonly [string, string])[] {
  return pairsOf(value, place).flatMap(([name, text]) => {
    const at = Array.isArray(value) ? place : inside(place, name);
    if (name.includes('=')) {
      reportKey(at, 'WrongValue', 'cannot have a "=" in its name. Correct the name.');
      return [];
    }
    if (text !== null) return [[name, text] as const];
    return readInherited(name, context, at);
  });
}

/** A name without a value takes that of the .env file in a Compose project, and is left out when there is none. */
function readInherited(
  name: string,
  { variables, inheritsVariables }: StackContext,
  place: Place,
): readonly (readonly [string, string])[] {
  const value = variables.get(name);
  if (value !== undefined) return [[name, value]];
  if (!inheritsVariables)
    report(place, 'WrongValue', `gives ${name} no value. Write one, or "" where empty is meant.`);
  return [];
}
