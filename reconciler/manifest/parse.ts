import type { ServiceManifest, ServiceMetadata, ServiceSpec } from '../model/generated/service.ts';
import type { StackMetadata, StackSpec } from '../model/generated/stack.ts';
import { isJsonRecord } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { suggestion } from './suggestion.ts';
import { inside, placeIn, report, type Located } from './place.ts';
import { soundPart } from './sound.ts';
import { decodeText } from './text.ts';
import { validate } from './validate.ts';
import { parseYaml, wholeFile, type YamlDocument } from './yaml.ts';

/** What one file says. A pure function of path and bytes, so it can be kept by path and blob id. */
export interface ParsedFile {
  readonly file: string;
  /** Whether any part of it claims to be ours: what does not may lie beside a Compose file as material for configs. */
  readonly isOurs: boolean;
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly Problem[];
}

/**
 * One document, without those keys that have problems: what is left can still be looked at for more. A Compose project
 * is checked later, since its variables come from another file.
 */
export type ManifestDocument =
  | { readonly kind: 'service'; readonly at: Located; readonly value: SoundService }
  | { readonly kind: 'stack'; readonly at: Located; readonly value: SoundStack }
  | { readonly kind: 'compose'; readonly at: YamlDocument };

export interface SoundService {
  readonly metadata?: Partial<ServiceMetadata>;
  readonly spec?: ServiceSpec;
}

export interface SoundStack {
  readonly metadata?: StackMetadata;
  readonly spec?: StackSpec;
}

const apiVersion: ServiceManifest['apiVersion'] = 'plimsoll.dev/v1';

const composeNames: ReadonlySet<string> = new Set([
  'compose.yaml',
  'compose.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
]);
const maxSizeBytes = 1024 * 1024;

/** Whether a file of this path is a Compose project. */
export function isComposeFile(path: string): boolean {
  return composeNames.has(path.slice(path.lastIndexOf('/') + 1));
}

/** Never throws: whatever the bytes are, they end in documents or in problems. */
export function parseManifest(file: string, bytes: Uint8Array): ParsedFile {
  const problems: Problem[] = [];
  const text = readText(file, bytes, problems);
  if (text === null) return { file, isOurs: false, documents: [], problems };
  const yaml = parseYaml(file, text);
  problems.push(...yaml.problems);
  const isCompose = isComposeFile(file);
  const documents = yaml.documents.flatMap((document): readonly ManifestDocument[] =>
    isCompose ? [{ kind: 'compose', at: document }] : readEnvelope(document, problems),
  );
  if (yaml.documents.length === 0 && problems.length === 0) reportEmpty(file, problems);
  return { file, isOurs: isCompose || claimsToBeOurs.test(text), documents, problems };
}

const claimsToBeOurs = /^[ \t{]*["']?apiVersion["']?\s*:\s*["']?plimsoll\.dev\//m;

function readText(file: string, bytes: Uint8Array, problems: Problem[]): string | null {
  const place = placeIn(wholeFile(file), problems);
  if (bytes.length > maxSizeBytes) {
    const size = (bytes.length / maxSizeBytes).toFixed(1);
    const message = `has ${size} MiB, and a manifest may have 1 MiB. Move data into a file below the stack's directory and name it in \`configs\`.`;
    report(place, 'FileTooLarge', message);
    return null;
  }
  const text = decodeText(bytes);
  if (text === null) report(place, 'NotUtf8', 'is not UTF-8 text. Save it with that encoding.');
  return text;
}

function reportEmpty(file: string, problems: Problem[]): void {
  report(
    placeIn(wholeFile(file), problems),
    'FileEmpty',
    'is empty. Write a manifest into it, or delete it.',
  );
}

function readEnvelope(document: YamlDocument, problems: Problem[]): readonly ManifestDocument[] {
  const root = placeIn(document, problems);
  const { value } = document;
  if (!isJsonRecord(value) || (value['apiVersion'] === undefined && value['kind'] === undefined)) {
    report(
      root,
      'NotAManifest',
      `is no manifest: it should begin with "apiVersion: ${apiVersion}" and "kind: Service" or "kind: Stack". Other YAML belongs into a directory below this one.`,
    );
    return [];
  }
  if (value['apiVersion'] !== apiVersion) {
    report(inside(root, 'apiVersion'), 'UnknownApiVersion', `should be "${apiVersion}".`);
    return [];
  }
  const kind = value['kind'];
  if (kind === 'Service')
    return [
      { kind: 'service', at: document, value: readSound('service', document, problems) as SoundService },
    ];
  if (kind === 'Stack')
    return [{ kind: 'stack', at: document, value: readSound('stack', document, problems) as SoundStack }];
  const meant = typeof kind === 'string' ? suggestion(kind, ['Service', 'Stack']) : '';
  report(inside(root, 'kind'), 'UnknownKind', `should be "Service" or "Stack"${meant === '' ? '.' : meant}`);
  return [];
}

function readSound(kind: 'service' | 'stack', document: YamlDocument, problems: Problem[]): unknown {
  const { problems: found, unsound } = validate(kind, document);
  problems.push(...found);
  return soundPart(document.value, unsound, 2);
}
