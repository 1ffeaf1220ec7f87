import type { OperatorConfig } from '../model/generated/config.ts';
import { Secret } from '../model/secret.ts';
import { inside, report, type Place } from './place.ts';

/** Who may look from elsewhere than the daemon's own host. */
export interface DashboardConfig {
  readonly tokens: readonly Secret[];
}

export function readDashboard({ dashboard }: OperatorConfig, place: Place): DashboardConfig {
  const tokens = dashboard?.tokens ?? [];
  if (new Set(tokens).size !== tokens.length)
    report(
      inside(place, 'dashboard', 'tokens'),
      'DuplicateValue',
      'holds one token twice. Keep one of them.',
    );
  return { tokens: tokens.map((token) => new Secret(token)) };
}
