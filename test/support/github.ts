import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Json } from '../../reconciler/model/json.ts';
import { createGithubState, type GithubState } from './github-state.ts';
import { githubRoutes } from './github-routes.ts';
import { githubDescription, type ApiRequest } from './openapi.ts';
import type { TestRepository } from './repository.ts';

/** What the next requests get instead of an answer. */
export interface GithubFault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** Only requests whose `METHOD /path` holds this. */
  readonly on?: string;
  readonly times: number;
}

export interface GithubOptions {
  readonly repository: TestRepository;
  /** A token cannot make check runs; an App can. Default: an App's rights. */
  readonly isToken?: boolean;
}

export interface StandInGithub extends GithubState {
  /** As the operator's file names it; the API is below /api/v3. */
  readonly url: string;
  /** Requests since the start: `POST /repos/acme/gitops/check-runs`. */
  readonly requests: readonly string[];
  /** Requests and answers that GitHub's own description does not allow. A test ends with none. */
  readonly violations: readonly string[];
  fail(fault: GithubFault): void;
  close(): Promise<void>;
}

/**
 * GitHub's API for one repository, acme/gitops, in memory: every request that is made of it, and every answer that it
 * gives, is held to the OpenAPI description that GitHub publishes.
 */
export async function startGithub({ repository, isToken = false }: GithubOptions): Promise<StandInGithub> {
  const state = createGithubState(repository, { mayCheck: !isToken });
  const requests: string[] = [];
  const violations: string[] = [];
  const faults: { fault: GithubFault; left: number }[] = [];
  const server = createServer((request, response) => {
    void answer({ request, response, state, requests, violations, faults }).catch((error: unknown) => {
      violations.push(String(error));
      response.writeHead(500).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    requests,
    violations,
    fail: (fault: GithubFault) => void faults.push({ fault, left: fault.times }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly state: GithubState;
  readonly requests: string[];
  readonly violations: string[];
  readonly faults: { fault: GithubFault; left: number }[];
}

const root = '/api/v3';

async function answer({ request, response, state, requests, violations, faults }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const asked = await readRequest(request, url);
  const line = `${asked.method} ${asked.path}`;
  requests.push(line);
  const fault = faults.find(({ fault: { on }, left }) => left > 0 && (on === undefined || line.includes(on)));
  if (fault !== undefined) {
    fault.left -= 1;
    const { status, headers, message = 'As the test wishes' } = fault.fault;
    return send(response, { status, body: { message }, headers });
  }
  if (request.headers.authorization === undefined)
    return send(response, { status: 401, body: { message: 'Requires authentication' } });
  const description = githubDescription();
  const match = description.match(asked);
  const route = match === null ? undefined : githubRoutes[`${match.method} ${match.template}`];
  if (match === null || route === undefined) {
    violations.push(`${line} is not something that this stand-in knows`);
    return send(response, { status: 404, body: { message: 'Not Found' } });
  }
  violations.push(...description.requestProblems(match, asked).map((problem) => `${line}: ${problem}`));
  const { status, body } = route(state, { values: match.values, query: asked.query, body: asked.body });
  if (status < 300) {
    violations.push(
      ...description.responseProblems(match, status, body).map((problem) => `${line} answers ${problem}`),
    );
  }
  return send(response, { status, body });
}

async function readRequest(request: IncomingMessage, url: URL): Promise<ApiRequest> {
  const { method = 'GET' } = request;
  const hasBody =
    request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0';
  const body = hasBody ? ((await json(request)) as Json) : undefined;
  return { method, path: url.pathname.slice(root.length), query: url.searchParams, body };
}

interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
