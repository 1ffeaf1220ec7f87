import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Json } from '../../reconciler/model/json.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
}

interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: SchemaPart }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly examples: Readonly<Record<string, { readonly value: Json }>>;
  };
}

export interface ApiRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
}

/** What GitHub publishes of its API, asked whether a request or an answer is as it says. */
export interface ApiDescription {
  /** The template that a request belongs to, `/repos/{owner}/{repo}/pulls/{pull_number}`, with its values; null for none. */
  match(request: Pick<ApiRequest, 'method' | 'path'>): ApiMatch | null;
  /** Everything that the description does not allow; empty is good. */
  requestProblems(match: ApiMatch, request: ApiRequest): readonly string[];
  responseProblems(match: ApiMatch, status: number, body: Json): readonly string[];
  example(name: string): Json;
}

export interface ApiMatch {
  readonly method: Method;
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
}

let loaded: ApiDescription | null = null;

/** Read once a process: it is thirteen megabytes. */
export function githubDescription(): ApiDescription {
  loaded ??= load();
  return loaded;
}

function load(): ApiDescription {
  const path = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
  const description = JSON.parse(readFileSync(path, 'utf8')) as Description;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'github', ...(withNull(description) as object) });
  const validators = new Map<string, ValidateFunction | null>();
  const validatorAt = (pointer: readonly string[]): ValidateFunction | null => {
    const reference = `github#/${pointer.map(escapePointer).join('/')}`;
    const known = validators.get(reference);
    if (known !== undefined) return known;
    const made = isThere(description, pointer) ? ajv.compile({ $ref: reference }) : null;
    validators.set(reference, made);
    return made;
  };
  const templates = Object.keys(description.paths).map((template) => ({
    template,
    pattern: patternOf(template),
  }));
  return {
    match: (request) => match(description, templates, request),
    requestProblems: ({ method, template }, request) => {
      const operation = description.paths[template]?.[method];
      const body = ['paths', template, method, 'requestBody', 'content', 'application/json', 'schema'];
      return [
        ...queryProblems(description, operation, request.query),
        ...(request.body === undefined ? [] : bodyProblems(validatorAt(body), request.body)),
        ...unknownKeys(operation, request.body),
      ];
    },
    responseProblems: ({ method, template }, status, body) => {
      const operation = description.paths[template]?.[method];
      if (operation?.responses[String(status)] === undefined) return [`status ${status} is not described`];
      const schema = [
        'paths',
        template,
        method,
        'responses',
        String(status),
        'content',
        'application/json',
        'schema',
      ];
      return bodyProblems(validatorAt(schema), body);
    },
    example(name) {
      const found = description.components.examples[name];
      if (found === undefined) throw new Error(`GitHub describes no example ${name}`);
      return found.value;
    },
  };
}

/** OpenAPI 3.0 says `nullable` where JSON Schema says null. */
function withNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNull);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as Record<string, unknown>;
  const plain = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, withNull(part)]));
  if (nullable === undefined || typeof nullable === 'object')
    return { ...plain, ...(nullable !== undefined && { nullable: withNull(nullable) }) };
  return nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}

function isThere(root: unknown, pointer: readonly string[]): boolean {
  let at: unknown = root;
  for (const step of pointer) {
    if (typeof at !== 'object' || at === null || !(step in at)) return false;
    at = (at as Record<string, unknown>)[step];
  }
  return true;
}

function escapePointer(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

interface Template {
  readonly template: string;
  readonly pattern: RegExp;
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{([a-z_]+)\}/g, '(?<$1>[^/]+)')}$`);
}

/** The template with the fewest placeholders: `/pulls/comments` is no pull request. */
function match(
  { paths }: Description,
  templates: readonly Template[],
  { method, path }: Pick<ApiRequest, 'method' | 'path'>,
): ApiMatch | null {
  const wanted = method.toLowerCase() as Method;
  const fitting = templates
    .filter(({ template, pattern }) => paths[template]?.[wanted] !== undefined && pattern.test(path))
    .toSorted((left, right) => left.template.split('{').length - right.template.split('{').length);
  const [best] = fitting;
  if (best === undefined) return null;
  const groups = best.pattern.exec(path)?.groups ?? {};
  const values = Object.fromEntries(
    Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]),
  );
  return { method: wanted, template: best.template, values };
}

function queryProblems(
  { components }: Description,
  operation: Operation | undefined,
  query: URLSearchParams,
): readonly string[] {
  const parameters = (operation?.parameters ?? []).flatMap((parameter) => {
    if (!('$ref' in parameter)) return [parameter];
    return components.parameters[parameter.$ref.split('/').at(-1) ?? ''] ?? [];
  });
  const known = new Set(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
  return [...query.keys()].filter((key) => !known.has(key)).map((key) => `query has an unknown ${key}`);
}

function bodyProblems(validate: ValidateFunction | null, body: Json): readonly string[] {
  if (validate === null || validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** GitHub takes no notice of what it does not know; for us it is a mistake. */
function unknownKeys(operation: Operation | undefined, body: Json | undefined): readonly string[] {
  const known = operation?.requestBody?.content['application/json']?.schema.properties;
  if (known === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.keys(body)
    .filter((key) => !(key in known))
    .map((key) => `body has an unknown ${key}`);
}
