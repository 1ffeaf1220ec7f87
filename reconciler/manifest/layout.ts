import { isName, type Name } from '../model/ids.ts';
import type { SourceFile } from '../model/ports.ts';
import { sortProblems, type Problem } from '../model/problem.ts';
import { placeIn, report } from './place.ts';
import { printable } from './text.ts';
import { wholeFile } from './yaml.ts';

/** The files of one stack, before any of them is read. */
export interface StackLayout {
  /** Null in the root of a source, where a manifest says it. */
  readonly name: Name | null;
  /** Relative to the source's path; `''` is its root. */
  readonly directory: string;
  /** The YAML files directly in the directory, sorted by path: what must be read and parsed. */
  readonly manifests: readonly SourceFile[];
  /** Every file of the source by path: what manifests may refer to. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Symlinks and submodules in the directory. */
  readonly problems: readonly Problem[];
}

export interface SourceLayout {
  readonly stacks: readonly StackLayout[];
  /** Those that belong to no stack. While there are any, the absence of a stack proves nothing. */
  readonly problems: readonly Problem[];
}

const manifestName = /^[^.].*\.ya?ml$/;
/** The operator's own file; a repository may hold it as an example, and it is never read from there. */
const operatorFiles: ReadonlySet<string> = new Set(['plimsoll.yaml', 'plimsoll.yml']);

/**
 * Which stacks a source has. With a directory `stacks/` each directory in it is one; otherwise each directory of the
 * root that directly holds YAML; or the root itself, when it does. Dot directories are ignored.
 */
export function findStacks(files: readonly SourceFile[]): SourceLayout {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const visible = files.filter(({ path }) => !isHidden(path));
  const problems: Problem[] = [];
  const directories = stackDirectories(visible, problems);
  const owned = groupByStack(visible, directories);
  const stacks: StackLayout[] = [];
  for (const directory of directories) {
    const layout = layoutOf(directory, { own: owned.get(directory) ?? [], byPath });
    if (layout === null) reportBadName(directory, problems);
    else stacks.push(layout);
  }
  if (directories.length === 0 && problems.length === 0 && !hasStacksDirectory(visible))
    reportNoStacks(problems);
  return { stacks, problems: sortProblems(problems) };
}

function isHidden(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((part) => part.startsWith('.'));
}

function stackDirectories(files: readonly SourceFile[], problems: Problem[]): readonly string[] {
  const link = files.find(({ path, kind }) => path === 'stacks' && kind !== 'file');
  if (link !== undefined) reportLink(link, problems);
  if (hasStacksDirectory(files)) return directoriesInStacks(files, problems);
  const manifests = files.filter(({ path }) => isManifest(path));
  if (manifests.some(({ path }) => !path.includes('/'))) return [''];
  const owners = manifests.map(({ path }) => path.split('/')).filter((parts) => parts.length === 2);
  return sortedUnique(owners.map(([first = '']) => first));
}

function hasStacksDirectory(files: readonly SourceFile[]): boolean {
  return files.some(({ path }) => path.startsWith('stacks/'));
}

function isManifest(path: string): boolean {
  return manifestName.test(path.slice(path.lastIndexOf('/') + 1)) && !operatorFiles.has(path);
}

function directoriesInStacks(files: readonly SourceFile[], problems: Problem[]): readonly string[] {
  const found: string[] = [];
  for (const { path, kind } of files) {
    const [top, name = '', ...below] = path.split('/');
    if (top !== 'stacks') continue;
    if (below.length > 0) found.push(`stacks/${name}`);
    else if (kind !== 'file') reportLink({ path, kind }, problems);
    else if (isManifest(path)) reportMisplaced(path, problems);
  }
  return sortedUnique(found);
}

function groupByStack(
  files: readonly SourceFile[],
  directories: readonly string[],
): ReadonlyMap<string, readonly SourceFile[]> {
  const groups = new Map<string, SourceFile[]>(directories.map((directory) => [directory, []]));
  const depth = directories[0]?.startsWith('stacks/') === true ? 2 : 1;
  for (const file of files) {
    const directory = groups.has('') ? '' : file.path.split('/', depth).join('/');
    groups.get(directory)?.push(file);
  }
  return groups;
}

interface Tree {
  /** The files in the directory, at any depth. */
  readonly own: readonly SourceFile[];
  readonly byPath: ReadonlyMap<string, SourceFile>;
}

/** Null when the directory's name cannot be a stack's. */
function layoutOf(directory: string, { own, byPath }: Tree): StackLayout | null {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  if (directory !== '' && !isName(name)) return null;
  const problems: Problem[] = [];
  for (const file of own) if (file.kind !== 'file') reportLink(file, problems);
  const depth = directory === '' ? 1 : directory.split('/').length + 1;
  const manifests = own.filter(
    ({ path, kind }) => kind === 'file' && path.split('/').length === depth && isManifest(path),
  );
  if (manifests.length === 0 && problems.length === 0) reportNoManifests(directory, problems);
  return { name: isName(name) ? name : null, directory, manifests, files: byPath, problems };
}

function reportLink({ path, kind }: Pick<SourceFile, 'path' | 'kind'>, problems: Problem[]): void {
  const place = placeIn(wholeFile(printable(path)), problems);
  if (kind === 'symlink')
    report(
      place,
      'SymlinkRefused',
      'is a symbolic link, and those are not followed. Commit the file itself.',
    );
  else
    report(
      place,
      'SubmoduleRefused',
      'is a submodule, and those are not fetched. Commit its files, or follow its repository as a source of its own.',
    );
}

function reportMisplaced(path: string, problems: Problem[]): void {
  report(
    placeIn(wholeFile(printable(path)), problems),
    'MisplacedManifest',
    'stands outside of any stack. Move it into a directory below stacks/, such as stacks/shop/.',
  );
}

function reportBadName(directory: string, problems: Problem[]): void {
  const message =
    'cannot be the name of a stack: it takes lower case letters, digits, `-` and `_`, at most 63, beginning and ending with a letter or digit. Rename the directory.';
  report(placeIn(wholeFile(printable(directory)), problems), 'InvalidName', message);
}

function reportNoManifests(directory: string, problems: Problem[]): void {
  report(
    placeIn(wholeFile(directory), problems),
    'NoManifests',
    'holds no manifest. To remove the stack, delete the directory; else write a service into it, such as web.yaml.',
  );
}

function reportNoStacks(problems: Problem[]): void {
  report(
    placeIn(wholeFile('.'), problems),
    'NoStacks',
    'holds no stack. Write one, such as stacks/shop/web.yaml, or correct the `path` of the source. To remove the last stack, keep the directory stacks/ with a README.md in it.',
  );
}

function sortedUnique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
