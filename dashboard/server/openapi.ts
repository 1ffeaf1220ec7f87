import apiSchema from '../../schemas/api.schema.json' with { type: 'json' };
import { routes, type Route } from './routes.ts';

/** The API in the words of OpenAPI 3.1, whose schemas are JSON Schema 2020-12 as ours are. */
export function describeApi(version: string): object {
  const { $defs, properties } = apiSchema;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plimsoll',
      version,
      description: 'What runs, what should run, and what was done about it. Read-only.',
    },
    paths: Object.fromEntries(
      routes.map((route) => [
        route.path.replaceAll(/:(\w+)/g, '{$1}'),
        { get: { summary: route.summary, parameters: parametersOf(route), responses: responsesOf(route) } },
      ]),
    ),
    components: { schemas: renamed({ ...$defs, ...namedBodies(properties) }) },
  };
}

function parametersOf({ path, query, required = [] }: Route): readonly object[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
  return [...inPath, ...inQuery];
}

function responsesOf({ body }: Route): object {
  return {
    200: { description: 'What was asked for', content: json(bodyName(body)) },
    default: { description: 'Why it cannot be answered', content: json(bodyName('error')) },
  };
}

function json(schema: string): object {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}

function bodyName(body: string): string {
  return `${body}Answer`;
}

function namedBodies(bodies: Readonly<Record<string, object>>): Record<string, object> {
  return Object.fromEntries(Object.entries(bodies).map(([name, schema]) => [bodyName(name), schema]));
}

/** References as they read in the document. */
function renamed(schemas: Readonly<Record<string, object>>): object {
  return JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', '"#/components/schemas/')) as object;
}
