import { setTimeout as delay } from 'node:timers/promises';
import { isName } from '../model/ids.ts';
import type { News } from '../model/news.ts';
import { listener, type Sql } from './connection.ts';

/** The triggers of the tables speak on it. */
const channel = 'plimsoll';
const reconnectMs = 1_000;

/** Listens on a connection of its own, and again after each loss of it, until the signal aborts. */
export async function watchNews(sql: Sql, onNews: (news: News) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await listenOnce(sql, onNews, signal);
    await delay(reconnectMs, undefined, { signal }).catch(() => {});
  }
}

/** A server that is away is told by every statement; here it is only waited for. */
async function listenOnce(sql: Sql, onNews: (news: News) => void, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const connection = listener(sql, {
    onNotify: (payload) => {
      const news = parseNews(payload);
      if (news !== null) onNews(news);
    },
    onClose: () => ended.abort(),
  });
  const over = new Promise<void>((resolve) => {
    for (const end of [ended.signal, signal]) end.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    if (signal.aborted) return;
    await Promise.race([connection.unsafe(`listen ${channel}`), over]);
    if (ended.signal.aborted || signal.aborted) return;
    onNews({ kind: 'missed' });
    await over;
  } catch {
    // The next attempt comes in a moment.
  } finally {
    await connection.end({ timeout: 0 });
  }
}

/** Null for what a later release may say. */
function parseNews(payload: string): News | null {
  const [kind, stack = '', reason] = payload.split(' ');
  if (kind === 'due') return { kind };
  if (!isName(stack)) return null;
  switch (kind) {
    case 'stop':
      return reason === 'superseded' || reason === 'cancelled' ? { kind, stack, reason } : null;
    case 'status':
    case 'sync':
      return { kind, stack };
    default:
      return null;
  }
}
