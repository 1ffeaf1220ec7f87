import { report, type Place } from './place.ts';

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostLabel = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const host = new RegExp(`^(?:${hostLabel}(?:\\.${hostLabel})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`);
const tagExpression = /^\w[\w.-]{0,127}$/;
const digestExpression = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const dockerHub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * An image reference in the engine's familiar form: without Docker Hub's name and `library/`, with `:latest` where
 * neither tag nor digest is given (the grammar of distribution's `reference` package).
 */
export function readImage(text: string, place: Place): string {
  const { name, tag, digest } = splitReference(text);
  const mistake = findMistake({ name, tag, digest });
  if (mistake !== null) report(place, 'InvalidImage', mistake);
  const version = `${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
  return `${familiarName(name)}${version === '' ? ':latest' : version}`;
}

interface Reference {
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

function splitReference(text: string): Reference {
  const at = text.indexOf('@');
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  return {
    name: colon === -1 ? rest : rest.slice(0, colon),
    tag: colon === -1 ? null : rest.slice(colon + 1),
    digest: at === -1 ? null : text.slice(at + 1),
  };
}

function findMistake({ name, tag, digest }: Reference): string | null {
  const { registry, path } = splitName(name);
  if (/^[0-9a-f]{64}$/.test(name) || name === 'sha256') {
    return 'is an image id, which no registry can be asked for. Use a name, such as "redis:7".';
  }
  if (name.length > 255) return 'is longer than 255 characters. Correct the name.';
  if (registry !== null && !host.test(registry))
    return 'has a registry that is no host name, such as "ghcr.io".';
  if (path.toLowerCase() !== path)
    return 'has upper case letters in its name, which registries do not allow.';
  if (!path.split('/').every((part) => component.test(part))) {
    return 'should be a name with a tag or a digest, such as "ghcr.io/acme/web:1.4.2".';
  }
  if (tag !== null && !tagExpression.test(tag))
    return 'has a tag that is none: letters, digits, `_`, `.` and `-`.';
  if (digest !== null && !digestExpression.test(digest))
    return 'has a digest that is not "sha256:" and 64 hexadecimal digits.';
  return null;
}

function splitName(name: string): { readonly registry: string | null; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  const isRegistry =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  return isRegistry ? { registry: first, path: name.slice(slash + 1) } : { registry: null, path: name };
}

function familiarName(name: string): string {
  const { registry, path } = splitName(name);
  if (registry !== null && !dockerHub.has(registry)) return name;
  return /^library\/[^/]+$/.test(path) ? path.slice('library/'.length) : path;
}
