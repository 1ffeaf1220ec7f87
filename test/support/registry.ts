import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RegistryOptions {
  /** Where it keeps its images, its configuration and its log. */
  readonly directory: string;
  /** Ask for {@link registryLogin}. */
  readonly withLogin?: boolean;
  /** Tell this address of what is pushed and pulled. */
  readonly notify?: { readonly url: string; readonly authorization: string };
}

export interface Registry {
  /** `127.0.0.1:<port>`, the first part of its images' names. Docker needs no certificate for it. */
  readonly address: string;
  close(): Promise<void>;
}

export const registryLogin = { username: 'plimsoll', password: 'plimsoll' } as const;

/** bcrypt of the password above, made with crypt(3): nothing that Node has can make one. */
const passwordLine = 'plimsoll:$2b$04$oc84zcueoRmfGdSEeiRadur2ZaKkcFlSsRRdsRheom0bbsXJWX9oC';

/** Debian's docker-registry, on a free port of loopback. */
export async function startRegistry({
  directory,
  withLogin = false,
  notify,
}: RegistryOptions): Promise<Registry> {
  mkdirSync(directory, { recursive: true });
  const passwords = join(directory, 'htpasswd');
  writeFileSync(passwords, `${passwordLine}\n`);
  const config = {
    version: '0.1',
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'images') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', relativeurls: true, secret: 'loopback' },
    ...(notify !== undefined && { notifications: { endpoints: [endpointOf(notify)] } }),
    ...(withLogin && { auth: { htpasswd: { realm: 'test', path: passwords } } }),
  };
  // JSON is YAML.
  const configFile = join(directory, 'config.yml');
  writeFileSync(configFile, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  const address = await readAddress(child.stderr);
  child.stderr.pipe(createWriteStream(join(directory, 'registry.log')));
  child.stdout.resume();
  return {
    address,
    async close() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function endpointOf({ url, authorization }: NonNullable<RegistryOptions['notify']>): object {
  const headers = { Authorization: [authorization] };
  return { name: 'listener', url, headers, timeout: '5s', threshold: 3, backoff: '1s' };
}

/** It writes the port that it was given into its log, and nowhere else. */
async function readAddress(log: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: log })) {
    lines.push(line);
    const found = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`docker-registry did not start:\n${lines.join('\n')}`);
}

/** What the registry answers instead of the truth. */
export interface RegistryFault {
  readonly status: 401 | 403 | 404 | 429 | 500 | 503;
  /** Only requests whose path matches; default all. */
  readonly path?: RegExp;
  /** How many requests; default all until told otherwise. */
  readonly times?: number;
}

export interface FaultyRegistry extends Registry {
  /** Requests since the start, as `GET /v2/web/manifests/1`. */
  readonly requests: readonly string[];
  fail(fault: RegistryFault | undefined): void;
}

/** A second address for a registry, which answers wrongly on demand. */
export async function startFaultyRegistry(target: Registry): Promise<FaultyRegistry> {
  let fault: RegistryFault | undefined;
  let left = 0;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const hit = fault !== undefined && left > 0 && (fault.path?.test(request.url ?? '') ?? true);
    if (!hit || fault === undefined) return forward(target.address, request, response);
    left -= 1;
    return refuse(response, fault.status);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(next) {
      fault = next;
      left = next?.times ?? Number.POSITIVE_INFINITY;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(address: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url } = request;
  const onward = ask(`http://${address}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

function refuse(response: ServerResponse, status: number): void {
  const code = status === 429 ? 'TOOMANYREQUESTS' : status === 401 ? 'UNAUTHORIZED' : 'UNKNOWN';
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...(status === 401 && { 'WWW-Authenticate': 'Basic realm="test"' }),
    ...(status === 429 && { 'Retry-After': '1' }),
  });
  response.end(JSON.stringify({ errors: [{ code, message: `the registry was told to answer ${status}` }] }));
}
