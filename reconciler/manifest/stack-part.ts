import type { Problem } from '../model/problem.ts';
import { readCompose } from './compose.ts';
import { parseDotenv } from './dotenv.ts';
import { readNative } from './native.ts';
import { isComposeFile, type ManifestDocument, type ParsedFile } from './parse.ts';
import type { StackPart } from './part.ts';
import { placeIn, report } from './place.ts';
import type { RepositoryFiles } from './repository.ts';
import { decodeText } from './text.ts';
import { wholeFile } from './yaml.ts';

export interface Material {
  readonly manifests: readonly ParsedFile[];
  readonly repository: RepositoryFiles;
}

/** The manifests of one directory as one: a Compose project, or services and what they share. */
export function readStackPart({ manifests, repository }: Material, problems: Problem[]): StackPart {
  const projects = manifests.filter(({ file }) => isComposeFile(file));
  const [project, ...others] = projects;
  if (project === undefined) {
    for (const manifest of manifests) problems.push(...manifest.problems);
    const documents = manifests.flatMap((manifest) => manifest.documents);
    return readNative(documents, manifests[0]?.file ?? repository.directory, problems);
  }
  problems.push(...project.problems);
  for (const { file } of others) reportSecondProject(file, project.file, problems);
  for (const manifest of manifests)
    if (!projects.includes(manifest)) checkBeside(manifest, project.file, problems);
  const document = onlyProject(project, problems);
  if (document === null) return readNative([], project.file, problems);
  return readCompose(document.at, readVariables(repository, problems), problems);
}

function reportSecondProject(file: string, first: string, problems: Problem[]): void {
  report(
    placeIn(wholeFile(file), problems),
    'MixedStack',
    `is a second Compose file beside ${first}. Keep one of them.`,
  );
}

/** Other YAML beside a Compose file is material for configs, unless it claims to be ours or to be merged by Compose. */
function checkBeside({ file, isOurs }: ParsedFile, project: string, problems: Problem[]): void {
  const place = placeIn(wholeFile(file), problems);
  if (isOurs) {
    report(
      place,
      'MixedStack',
      `stands beside ${project}, and a directory is either a Compose project or a set of manifests. Move it, or use \`x-plimsoll\` there.`,
    );
  } else if (/(^|\/)(docker-)?compose\.override\.ya?ml$/.test(file)) {
    report(
      place,
      'MixedStack',
      `would be merged into ${project} by Compose, and is not here. Put what it says into that file.`,
    );
  }
}

function onlyProject(
  { documents }: ParsedFile,
  problems: Problem[],
): Extract<ManifestDocument, { kind: 'compose' }> | null {
  const [first, second] = documents.filter((document) => document.kind === 'compose');
  if (second !== undefined)
    report(
      placeIn(second.at, problems),
      'MixedStack',
      'is a second document in a Compose file. Put everything into one.',
    );
  return first ?? null;
}

function readVariables(
  { directory, files, contents }: RepositoryFiles,
  problems: Problem[],
): ReadonlyMap<string, string> {
  const path = directory === '' ? '.env' : `${directory}/.env`;
  const bytes = contents.get(path);
  if (bytes === undefined || files.get(path)?.kind !== 'file') return new Map();
  const text = decodeText(bytes);
  if (text === null)
    report(placeIn(wholeFile(path), problems), 'NotUtf8', 'is not UTF-8 text. Save it with that encoding.');
  const { values, mistakes } = parseDotenv(text ?? '', () => undefined);
  for (const { line, message } of mistakes) {
    report(placeIn({ file: path, locate: () => ({ line, column: 1 }) }, problems), 'InvalidEnvFile', message);
  }
  return values;
}
