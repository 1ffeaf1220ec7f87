import { isSyncError } from '../model/error.ts';
import type { MissedDeliveries } from '../model/missed.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;
/** As long as GitHub remembers. */
const rememberedMs = 3 * 24 * hourMs;
/** A token does not become mightier by asking. */
const refusedPauseMs = 24 * hourMs;
const awayPauseMs = hourMs / 6;

/**
 * Has a forge send again what it could not deliver while we were away. Resolves to the time until the next round. Polling
 * remains the net: what does not work here is told, and costs nothing but time.
 */
export async function redeliverMissed(
  { clock, notifier }: World,
  missed: MissedDeliveries,
  signal: AbortSignal,
): Promise<number> {
  const { repository } = missed;
  try {
    const count = await missed.redeliver(clock.now() - rememberedMs, signal);
    if (count > 0) {
      const message = `Missed deliveries of ${repository} are sent again by its forge: ${count}.`;
      notifier.notify({ kind: 'recovered', message });
    }
    return hourMs;
  } catch (error) {
    if (!isSyncError(error) || signal.aborted) throw error;
    const { code } = error;
    const isRefused = code === 'ForgeUnauthorized' || code === 'ForgeNotFound';
    const message = isRefused
      ? `Missed deliveries of ${repository} are not sent again, since the token of its forge may not manage webhooks; polling finds what they would have told.`
      : error.message;
    notifier.notify({ kind: 'trouble', engine: null, code, message });
    return isRefused ? refusedPauseMs : awayPauseMs;
  }
}
