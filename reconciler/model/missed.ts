import type { Name } from './ids.ts';

/** Deliveries of a repository's webhooks that never arrived here, at a forge that remembers them. */
export interface MissedDeliveries {
  /** `acme/gitops`, for people. */
  readonly repository: string;
  /** Has the forge send again what failed since then and never succeeded. Resolves to how many. */
  redeliver(since: number, signal: AbortSignal): Promise<number>;
}

/** Which of the receivers here a forge's webhook points at: the last part of its address. */
export function receiverAt(url: string, receivers: readonly Name[]): Name | null {
  const path = /^https?:\/\/[^/]+(\/[^?#]*)/.exec(url)?.[1]?.replace(/\/+$/, '') ?? '';
  return receivers.find((name) => path.endsWith(`/hooks/${name}`)) ?? null;
}
