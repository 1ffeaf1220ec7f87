import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { ReceiverError } from './refusal.ts';

const windowMs = 10_000;
/** Ten times what a busy forge sends; a request above it costs no more than its headers. */
const mostRequests = 300;
/** Those that were quiet for longest are forgotten first. */
const mostAddresses = 5_000;

/** Bounds what one address may cost, whether its deliveries are genuine or not. */
export async function limitAddresses(server: FastifyInstance): Promise<void> {
  await server.register(rateLimit, {
    max: mostRequests,
    timeWindow: windowMs,
    cache: mostAddresses,
    keyGenerator: ({ ip }) => addressKey(ip),
    errorResponseBuilder: (_, { after }) =>
      new ReceiverError(
        429,
        'TooManyRequests',
        `More deliveries came from this address than are taken. Send them again in ${after}.`,
      ),
  });
}

/** Whoever has one address of IPv6 has all of its /64. */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(ip)?.[1];
  if (mapped !== undefined || !ip.includes(':')) return mapped ?? ip;
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':');
}
