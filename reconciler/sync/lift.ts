import type { Hold } from '../model/status.ts';
import type { Intent } from './preview.ts';
import type { World } from './world.ts';

/**
 * Lifts the holds that have served: a rejected version that Git no longer asks for, so that it has its chance when Git
 * comes back to it, and a freeze whose time is over. Returns the intent without them.
 */
export async function liftServed(world: World, intent: Intent): Promise<Intent> {
  const now = world.clock.now();
  const served = intent.holds.filter((hold) => hasServed(hold, intent, now));
  for (const hold of served) {
    const which = hold.kind === 'rejected' ? { kind: hold.kind, service: hold.service } : { kind: hold.kind };
    await world.store.liftHold(intent.stack, which, now);
  }
  return { ...intent, holds: intent.holds.filter((hold) => !served.includes(hold)) };
}

function hasServed(hold: Hold, { desired }: Intent, now: number): boolean {
  switch (hold.kind) {
    case 'rejected':
      return !desired.services.some(({ name, hash }) => name === hold.service && hash === hold.hash);
    case 'freeze':
      return hold.until <= now;
    default:
      return hold satisfies never;
  }
}
