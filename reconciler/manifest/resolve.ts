import type { DesiredService, DesiredStack } from '../model/desired.ts';
import { isName, name as nameFrom, type Name } from '../model/ids.ts';
import { compareText, sortProblems, type Problem } from '../model/problem.ts';
import { checkServices, findAwaited, lifecycleOf } from './check.ts';
import type { StackContext } from './context.ts';
import { anyEngine, readEngine, type EngineChoice } from './engine.ts';
import { withoutFollowUps } from './follow-up.ts';
import { hashService } from './hash.ts';
import type { StackLayout } from './layout.ts';
import type { ParsedFile } from './parse.ts';
import type { StackPart } from './part.ts';
import { inside, placeIn, report, type Place } from './place.ts';
import { builtInDefaults, readRollout, readSync, type Defaults } from './defaults.ts';
import { readDrift } from './drift-policy.ts';
import type { RepositoryFiles } from './repository.ts';
import { defaultNetwork, readNetworks, readVolumes } from './resource.ts';
import { resolveService, type ResolvedService } from './service.ts';
import { readStackPart } from './stack-part.ts';
import { sortedUnique } from './text-map.ts';
import { wholeFile } from './yaml.ts';

export interface StackInput {
  readonly layout: StackLayout;
  /** Of `layout.manifests`. */
  readonly manifests: readonly ParsedFile[];
  /** Content by path of what `referencedFiles` named. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** The operator's. */
  readonly defaults?: Defaults;
  /** The operator's too. */
  readonly engines?: EngineChoice;
}

export interface ResolvedStack {
  /** Null when nothing says it; then `problems` does. */
  readonly name: Name | null;
  /** Null when there are problems. */
  readonly stack: DesiredStack | null;
  /** Contents of config files by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** All of them: of the layout, of each manifest and of everything together. Sorted, none twice. */
  readonly problems: readonly Problem[];
  /** Where the manifests say something, for mistakes that only show beside other stacks. */
  readonly placeOf: (subject: Subject) => Omit<Place, 'problems'>;
}

export type Subject =
  | { readonly kind: 'stack' }
  | { readonly kind: 'dependsOn'; readonly stack: Name }
  | { readonly kind: 'service'; readonly service: Name }
  | { readonly kind: 'ports'; readonly service: Name }
  | { readonly kind: 'network'; readonly name: Name }
  | { readonly kind: 'volume'; readonly name: Name };

/** What one stack should be, or everything that is wrong with its manifests. Never throws on what a person wrote. */
export function resolveStack({
  layout,
  manifests,
  contents,
  defaults = builtInDefaults,
  engines = anyEngine,
}: StackInput): ResolvedStack {
  const problems: Problem[] = [...layout.problems];
  const repository: RepositoryFiles = { directory: layout.directory, files: layout.files, contents };
  const part = readStackPart({ manifests, repository }, problems);
  const name = nameOf(layout, part, problems);
  const context = contextOf(name ?? nameFrom('unnamed'), part, { repository, defaults });
  const services = part.services.map((service) => resolveService(service, context));
  checkServices(services);
  checkStackNames(part);
  const engine = readEngine(part.engine, engines, inside(part.place, 'engine'));
  const sorted = distinct(problems);
  const desired =
    name === null || sorted.length > 0 ? null : stackOf(part, services, { context, defaults, engine });
  const files = new Map(services.flatMap(({ contents: own }) => Array.from(own)));
  return {
    name,
    stack: desired,
    contents: files,
    problems: sorted,
    placeOf: (subject) => placeOf(part, subject),
  };
}

function placeOf(part: StackPart, subject: Subject): Place {
  switch (subject.kind) {
    case 'stack':
      return { ...part.place, path: [] };
    case 'dependsOn':
      return inside(part.place, 'depends_on', part.dependsOn.indexOf(subject.stack));
    case 'service':
      return part.services.find(({ name }) => name === subject.service)?.namePlace ?? part.place;
    case 'ports':
      return inside(part.services.find(({ name }) => name === subject.service)?.place ?? part.place, 'ports');
    case 'network':
      return inside(part.resourcePlace, 'networks', subject.name);
    case 'volume':
      return inside(part.resourcePlace, 'volumes', subject.name);
    default:
      return subject satisfies never;
  }
}

function nameOf(
  { name, directory }: StackLayout,
  { declaredName }: StackPart,
  problems: Problem[],
): Name | null {
  if (name !== null && declaredName !== null && declaredName.text !== name) {
    report(
      declaredName.place,
      'StackNameMismatch',
      `should be ${JSON.stringify(name)}, the name of the directory. Rename the directory, or remove this.`,
    );
  }
  if (name !== null) return name;
  if (declaredName !== null && isName(declaredName.text)) return declaredName.text;
  const place: Place = placeIn(wholeFile(directory === '' ? '.' : directory), problems);
  report(
    place,
    'StackNameMissing',
    'is a stack without a name, since it has no directory of its own. Write "metadata: { name: shop }" into a stack.yaml of kind Stack, or "name: shop" into the Compose file.',
  );
  return null;
}

function checkStackNames({ dependsOn, place }: StackPart): void {
  for (const [index, stack] of dependsOn.entries()) {
    if (!isName(stack))
      report(inside(place, 'depends_on', index), 'UnknownStack', 'cannot be the name of a stack.');
  }
}

interface Surroundings {
  readonly repository: RepositoryFiles;
  readonly defaults: Defaults;
}

function contextOf(stack: Name, part: StackPart, { repository, defaults }: Surroundings): StackContext {
  const { place, resourcePlace } = part;
  return {
    stack,
    networks: readNetworks({ blocks: part.networks, stack, place: inside(resourcePlace, 'networks') }),
    volumes: readVolumes({ blocks: part.volumes, stack, place: inside(resourcePlace, 'volumes') }),
    repository,
    variables: part.variables,
    inheritsVariables: part.isCompose,
    rollout: readRollout(part.rollout, defaults.rollout, inside(place, 'rollout')),
    drift: readDrift(part.drift, defaults.drift, inside(place, 'drift')),
  };
}

interface Outcome {
  readonly context: StackContext;
  readonly defaults: Defaults;
  readonly engine: Name;
}

function stackOf(
  part: StackPart,
  services: readonly ResolvedService[],
  { context, defaults, engine }: Outcome,
): DesiredStack {
  const awaited = findAwaited(services);
  const finished = services.map((service) => finish(service, lifecycleOf(service, awaited)));
  const used = new Set(finished.flatMap(({ container }) => Object.keys(container.networks ?? {})));
  const isWanted = (name: string, engineName: string): boolean =>
    name !== defaultNetwork || Object.hasOwn(part.networks, name) || used.has(engineName);
  return {
    name: context.stack,
    engine,
    dependsOn: sortedUnique(part.dependsOn).filter(isName),
    services: finished.sort((left, right) => compareText(left.name, right.name)),
    networks: [...context.networks.values()]
      .filter(({ name, engineName }) => isWanted(name, engineName))
      .sort((left, right) => compareText(left.name, right.name)),
    volumes: [...context.volumes.values()],
    sync: readSync(part.sync, defaults.sync),
  };
}

function finish(
  { part: _part, contents: _contents, ...service }: ResolvedService,
  lifecycle: DesiredService['lifecycle'],
): DesiredService {
  return { ...service, lifecycle, hash: hashService({ container: service.container, lifecycle }) };
}

/** Sorted, and without those that were met twice, such as a config that two services use. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const sorted = sortProblems(withoutFollowUps([...seen.values()]));
  const [first] = sorted;
  if (first === undefined || sorted.length <= mostProblems) return sorted;
  const message = `is one of ${sorted.length} places with problems, of which the first ${mostProblems} are told.`;
  return [...sorted.slice(0, mostProblems), { ...first, code: 'TooManyProblems', message }];
}

const mostProblems = 1000;
