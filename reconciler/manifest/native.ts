import type { ServiceConfig } from '../model/generated/service.ts';
import { isName, name, type Name } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import type { ConfigContent, ConfigWish } from './config-file.ts';
import type { ManifestDocument } from './parse.ts';
import type { StackPart } from './part.ts';
import { inside, placeIn, report, reportKey, type Place } from './place.ts';
import type { ServicePart } from './service.ts';
import { wholeFile } from './yaml.ts';

type ServiceDocument = Extract<ManifestDocument, { readonly kind: 'service' }>;
type StackDocument = Extract<ManifestDocument, { readonly kind: 'stack' }>;

/** A stack out of `kind: Service` and `kind: Stack` documents. */
export function readNative(
  documents: readonly ManifestDocument[],
  directory: string,
  problems: Problem[],
): StackPart {
  const stack = onlyStack(documents, problems);
  const services = documents.flatMap((document) =>
    document.kind === 'service' ? readService(document, problems) : [],
  );
  const root = placeIn(stack?.at ?? wholeFile(directory), problems);
  const place = inside(root, 'spec');
  const { metadata, spec = {} } = stack?.value ?? {};
  const declared = metadata?.name;
  return {
    declaredName: declared === undefined ? null : { text: declared, place: inside(root, 'metadata', 'name') },
    engine: spec.engine,
    sync: spec.sync,
    dependsOn: spec.depends_on ?? [],
    networks: spec.networks ?? {},
    volumes: spec.volumes ?? {},
    rollout: spec.rollout,
    drift: spec.drift,
    place,
    resourcePlace: place,
    services,
    variables: new Map(),
    isCompose: false,
  };
}

function onlyStack(documents: readonly ManifestDocument[], problems: Problem[]): StackDocument | undefined {
  const stacks = documents.filter((document): document is StackDocument => document.kind === 'stack');
  const [first, ...others] = stacks;
  for (const { at } of others) {
    const message = `is the second "kind: Stack" of this stack; the first one is in ${first?.at.file ?? ''}. Put both into one.`;
    report(placeIn(at, problems), 'DuplicateStack', message);
  }
  return first;
}

const unnamed = name('unnamed');

function readService({ at, value }: ServiceDocument, problems: Problem[]): readonly ServicePart[] {
  const { metadata = {}, spec } = value;
  if (spec === undefined) return [];
  const root = placeIn(at, problems);
  const place = inside(root, 'spec');
  const { replicas, lifecycle, configs = [], rollout, drift, ...container } = spec;
  return [
    {
      name: nameOf(metadata.name),
      isNamed: isName(metadata.name ?? ''),
      owner: metadata.owner ?? null,
      spec: replicas === undefined ? container : { ...container, replicas },
      configs: configs.map((config, index) => readConfig(config, inside(place, 'configs', index))),
      lifecycle,
      rollout,
      drift,
      place,
      ownPlace: place,
      namePlace: inside(root, 'metadata', 'name'),
    },
  ];
}

function nameOf(text: string | undefined): Name {
  return text !== undefined && isName(text) ? text : unnamed;
}

function readConfig(config: ServiceConfig, place: Place): ConfigWish {
  const { target, content, file, mode, uid, gid, reaction, signal } = config;
  const wish = { ...(reaction && { reaction }), ...(signal !== undefined && { signal }), place };
  return { target, content: contentOf({ content, file }, place), mode, uid, gid, reaction: wish, place };
}

interface Said {
  readonly content: string | undefined;
  readonly file: string | undefined;
}

function contentOf({ content, file }: Said, place: Place): ConfigContent | null {
  if (content !== undefined && file !== undefined) {
    reportKey(inside(place, 'file'), 'ConflictingKeys', 'cannot stand beside `content`. Keep one of them.');
  }
  if (content !== undefined) return { kind: 'text', text: content, place: inside(place, 'content') };
  if (file !== undefined) return { kind: 'file', path: file, place: inside(place, 'file') };
  report(place, 'MissingKey', 'needs "content" or "file", such as file: "config/app.conf".');
  return null;
}
