import type { Problem } from '../model/problem.ts';

/** Says that something is not there, which proves nothing while a part of the manifests could not be read. */
const saysMissing: ReadonlySet<string> = new Set([
  'UndeclaredConfig',
  'UndeclaredNetwork',
  'UndeclaredVolume',
  'UnknownService',
]);

/** Costs a whole file or document. */
const losesDocument: ReadonlySet<string> = new Set([
  'FileEmpty',
  'FileTooLarge',
  'NotAManifest',
  'NotUtf8',
  'SymlinkRefused',
  'UnknownApiVersion',
  'UnknownKind',
  'YamlInvalid',
  'YamlTooComplex',
]);

/** Costs a name, a service or what a stack declares. */
const losesDeclaration =
  /^(?:|metadata|metadata\.name|spec|services|services\.[a-z0-9_-]+|(?:spec\.)?(?:configs|networks|volumes)(?:\..*)?)$/;

/** The problems without those that only follow from another one. */
export function withoutFollowUps(problems: readonly Problem[]): readonly Problem[] {
  if (!problems.some(isLoss)) return problems;
  return problems.filter(({ code }) => !saysMissing.has(code));
}

function isLoss({ code, path }: Problem): boolean {
  if (losesDocument.has(code)) return true;
  if (code === 'MissingKey') return path === '' || path === 'metadata';
  return (code === 'WrongValue' || code === 'InvalidName') && losesDeclaration.test(path);
}
