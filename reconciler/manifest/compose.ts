import type { ComposeProject, ComposeService, ComposeConfig } from '../model/generated/compose.ts';
import { isName, name } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import type { ConfigContent, ConfigWish } from './config-file.ts';
import { interpolateProject } from './compose-variables.ts';
import type { StackPart } from './part.ts';
import { inside, placeIn, report, reportKey, type Path, type Place } from './place.ts';
import type { ServicePart } from './service.ts';
import { soundPart } from './sound.ts';
import { suggestion } from './suggestion.ts';
import { validate } from './validate.ts';
import type { YamlDocument } from './yaml.ts';

type Variables = ReadonlyMap<string, string>;
type Configs = Readonly<Record<string, ComposeConfig | undefined>>;

/** A stack out of a Compose project, as it stands: variables from its .env file, our own blocks under `x-plimsoll`. */
export function readCompose(document: YamlDocument, variables: Variables, problems: Problem[]): StackPart {
  const root = placeIn(document, problems);
  const { value, unsound: unset } = interpolateProject(document.value, variables, root);
  const { problems: found, unsound } = validate('compose', { ...document, value });
  problems.push(...found);
  const project = soundPart(value, [...unset, ...unsound], depthOf) as Partial<ComposeProject>;
  const own = project['x-plimsoll'] ?? {};
  const configs = project.configs ?? {};
  return {
    declaredName: project.name === undefined ? null : { text: project.name, place: inside(root, 'name') },
    engine: own.engine,
    sync: own.sync,
    dependsOn: own.depends_on ?? [],
    networks: project.networks ?? {},
    volumes: project.volumes ?? {},
    rollout: own.rollout,
    drift: own.drift,
    place: inside(root, 'x-plimsoll'),
    resourcePlace: root,
    services: readServices(project.services, { root, configs, variables }),
    variables,
    isCompose: true,
  };
}

/** How deep below the top a mistake costs what is around it: a key of a service, an entry of the other maps. */
function depthOf([first]: Path): number {
  return first === 'services' ? 3 : 2;
}

interface Project {
  readonly root: Place;
  readonly configs: Configs;
  readonly variables: Variables;
}

function readServices(
  services: ComposeProject['services'] | undefined,
  project: Project,
): readonly ServicePart[] {
  return Object.entries(services ?? {}).flatMap(([key, service]) => {
    const place = inside(project.root, 'services', key);
    if (service === undefined) return [];
    if (!isName(key))
      reportKey(
        place,
        'InvalidName',
        'cannot be the name of a service: it takes lower case letters, digits, `-` and `_`, at most 63. Rename it.',
      );
    return [readService(key, service, { ...project, root: place })];
  });
}

function readService(
  key: string,
  service: ComposeService,
  { root, configs, variables }: Project,
): ServicePart {
  const { configs: wanted = [], 'x-plimsoll': extension = {}, ...spec } = service;
  return {
    name: isName(key) ? key : name('unnamed'),
    isNamed: isName(key),
    owner: extension.owner ?? null,
    spec,
    configs: wanted.map((wish, index) =>
      readWish(typeof wish === 'string' ? { source: wish } : wish, {
        root: inside(root, 'configs', index),
        configs,
        variables,
      }),
    ),
    lifecycle: extension.lifecycle,
    rollout: extension.rollout,
    drift: extension.drift,
    place: root,
    ownPlace: inside(root, 'x-plimsoll'),
    namePlace: root,
  };
}

type Wish = Exclude<NonNullable<ComposeService['configs']>[number], string>;

function readWish(
  { source, target, mode, uid, gid, 'x-plimsoll': own = {} }: Wish,
  { root, configs, variables }: Project,
): ConfigWish {
  const config = Object.hasOwn(configs, source) ? configs[source] : undefined;
  if (config === undefined) {
    const meant = suggestion(source, Object.keys(configs));
    const how = meant === '' ? '. Declare it under `configs` at the top of the file.' : meant;
    report(
      root,
      'UndeclaredConfig',
      `uses the config ${JSON.stringify(source)}, which the project does not declare${how}`,
    );
  }
  const origin: Place = { ...root, path: ['configs', source] };
  const content = config === undefined ? null : contentOf(config, variables, origin);
  const reaction = { ...own, place: inside(root, 'x-plimsoll') };
  return { target: target ?? `/${source}`, content, mode, uid, gid, reaction, place: root };
}

function contentOf(
  { content, file, environment }: ComposeConfig,
  variables: Variables,
  place: Place,
): ConfigContent | null {
  const given = [content, file, environment].filter((one) => one !== undefined);
  if (given.length !== 1) {
    report(place, 'ConflictingKeys', 'should have one of "file", "content" and "environment".');
    return null;
  }
  if (content !== undefined) return { kind: 'text', text: content, place };
  if (file !== undefined) return { kind: 'file', path: file, place: inside(place, 'file') };
  const text = variables.get(environment ?? '');
  if (text === undefined) {
    report(
      inside(place, 'environment'),
      'VariableUnset',
      'names a variable that the .env file of this directory does not set. Set it there.',
    );
    return null;
  }
  return { kind: 'text', text, place };
}
