import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Secret } from '../../reconciler/model/secret.ts';

/**
 * Lets in who sits on this host and speaks to it by a name of its own, and from elsewhere who bears a token. What came
 * through a proxy came from elsewhere, and a foreign name in `Host` is a page that was made to look here (DNS rebinding).
 */
export function guard(server: FastifyInstance, tokens: readonly Secret[]): void {
  const digests = tokens.map((token) => digestOf(token.reveal()));
  server.addHook('onRequest', async (request, reply) => {
    if (isSameOrigin(request) && (isLocal(request) || bearsToken(request, digests))) return;
    const message =
      tokens.length === 0
        ? 'From elsewhere than this host nobody may look: the operator’s file names no dashboard.tokens.'
        : 'Show a token of the operator’s file: `Authorization: Bearer …`.';
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer realm="plimsoll"')
      .send({ error: { code: 'Unauthorized', message } });
  });
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

function isLocal({ raw, headers }: FastifyRequest): boolean {
  if (forwarding.some((name) => headers[name] !== undefined)) return false;
  return isLoopback(raw.socket.remoteAddress ?? '') && isOwnName(headers.host ?? '');
}

function isLoopback(address: string): boolean {
  const bare = address.replace(/^::ffff:/, '');
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || isLoopback(name);
}

/** A page of another origin may open a WebSocket, which no rule of the browser keeps it from reading. */
function isSameOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

function bearsToken(request: FastifyRequest, digests: readonly Buffer[]): boolean {
  const shown = shownToken(request);
  if (shown === null) return false;
  const digest = digestOf(shown);
  return digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
}

/** A browser's WebSocket cannot send a header of its own, and says it as the name of a protocol. */
function shownToken({ headers }: FastifyRequest): string | null {
  const [, inHeader] = /^Bearer ([!-~]{1,500})$/i.exec(headers.authorization ?? '') ?? [];
  if (inHeader !== undefined) return inHeader;
  const protocols = headers['sec-websocket-protocol'] ?? '';
  const [, inProtocol] = /(?:^|, *)bearer\.([\w-]{1,700})$/.exec(protocols) ?? [];
  return inProtocol === undefined ? null : Buffer.from(inProtocol, 'base64url').toString('utf8');
}

/** Of one length, so that the comparison tells nothing. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
