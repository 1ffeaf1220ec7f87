import type { StopReason } from './event.ts';
import type { Name } from './ids.ts';

/**
 * What another process (or this one) wrote to the store. A hint like any other: it carries no truth and may be lost;
 * `missed` stands for all that may have been said while nobody listened, the beginning included.
 */
export type News =
  | { readonly kind: 'missed' }
  /** Some stack was asked for. */
  | { readonly kind: 'due' }
  /** Whoever syncs the stack was told to stop. */
  | { readonly kind: 'stop'; readonly stack: Name; readonly reason: StopReason }
  | { readonly kind: 'status'; readonly stack: Name }
  /** A sync of the stack began, went on or ended. */
  | { readonly kind: 'sync'; readonly stack: Name };
