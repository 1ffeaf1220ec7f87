import type { World } from '../../reconciler/sync/world.ts';

/** What every answer of the API is made from. No answer changes anything in it. */
export interface Reading {
  readonly world: World;
  /** Of Plimsoll. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}
