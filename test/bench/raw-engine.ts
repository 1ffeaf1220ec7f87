import { Agent, request } from 'node:http';

/** The engine's API with nothing in between: what is measured against it is what our own work adds. */
export interface RawEngine {
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
  close(): void;
}

/** Throws what the engine said, with its status, for any answer from 400 on. */
export function createRawEngine(socketPath: string): RawEngine {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (method, path, body) => exchange({ socketPath, agent, method, path, body }),
    close: () => agent.destroy(),
  };
}

interface Exchange {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
}

function exchange({ socketPath, agent, method, path, body }: Exchange): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, agent, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        if ((response.statusCode ?? 500) < 400) resolve(answer === '' ? null : JSON.parse(answer));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
      });
    });
    call.on('error', reject);
    call.end(text);
  });
}

/** Runs the work on each item, so many at once. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
