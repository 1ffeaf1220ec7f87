import type { Drift } from '../model/generated/drift.ts';
import type { Network } from '../model/generated/network.ts';
import type { Rollout } from '../model/generated/rollout.ts';
import type { Sync } from '../model/generated/sync.ts';
import type { Volume } from '../model/generated/volume.ts';
import type { Place } from './place.ts';
import type { ServicePart } from './service.ts';

/** A stack as its manifests have it, whichever kind of manifests these are. */
export interface StackPart {
  /** What a manifest calls the stack. */
  readonly declaredName: { readonly text: string; readonly place: Place } | null;
  readonly engine: string | undefined;
  readonly sync: Sync | undefined;
  readonly dependsOn: readonly string[];
  readonly networks: Readonly<Record<string, Network | undefined>>;
  readonly volumes: Readonly<Record<string, Volume | undefined>>;
  readonly rollout: Rollout | undefined;
  readonly drift: Drift | undefined;
  /** Of engine, sync, depends_on, rollout and drift. */
  readonly place: Place;
  /** Of networks and volumes. */
  readonly resourcePlace: Place;
  readonly services: readonly ServicePart[];
  /** Of the .env file beside a Compose file. */
  readonly variables: ReadonlyMap<string, string>;
  readonly isCompose: boolean;
}
