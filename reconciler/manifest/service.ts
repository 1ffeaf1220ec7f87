import type { DesiredService } from '../model/desired.ts';
import type { Container } from '../model/generated/container.ts';
import type { Drift } from '../model/generated/drift.ts';
import type { Rollout } from '../model/generated/rollout.ts';
import type { Name } from '../model/ids.ts';
import type { ConfigWish } from './config-file.ts';
import type { StackContext } from './context.ts';
import { readDependencies } from './dependency.ts';
import { readImage } from './image.ts';
import { inside, type Place } from './place.ts';
import { canonicalPlatform } from './platform.ts';
import { readRollout } from './defaults.ts';
import { readDrift, withEngineNames } from './drift-policy.ts';
import { readProcess } from './process-fields.ts';
import { readPullPolicy } from './pull-policy.ts';
import { readReach } from './reach.ts';
import { readLimits, readReplicas } from './resources.ts';
import { intentOf } from './said.ts';
import { readRights } from './security.ts';
import { readStorage } from './storage.ts';

/** One service as its manifest has it, whichever kind of manifest that is. */
export interface ServicePart {
  /** A stand-in when its own name has a problem, so that the rest can still be looked at. */
  readonly name: Name;
  readonly isNamed: boolean;
  readonly owner: string | null;
  readonly spec: Container & { readonly replicas?: number };
  readonly configs: readonly ConfigWish[];
  readonly lifecycle: DesiredService['lifecycle'] | undefined;
  readonly rollout: Rollout | undefined;
  readonly drift: Drift | undefined;
  /** Of the container's keys. */
  readonly place: Place;
  /** Of the keys that are ours. */
  readonly ownPlace: Place;
  /** Of the name. */
  readonly namePlace: Place;
}

/** A service whose lifecycle may still follow from what others say of it. */
export interface ResolvedService extends Omit<DesiredService, 'hash' | 'lifecycle'> {
  readonly lifecycle: DesiredService['lifecycle'] | undefined;
  readonly part: ServicePart;
  /** Contents of its config files by digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Brings one service into canonical form. Whatever is wrong is reported, and what is returned then means nothing. */
export function resolveService(part: ServicePart, context: StackContext): ResolvedService {
  const { name, owner, spec, place, ownPlace, lifecycle } = part;
  const storage = readStorage(part, context);
  const position = part.namePlace.document.locate(part.namePlace.path, 'key');
  return {
    name,
    owner,
    lifecycle,
    replicas: readReplicas(spec, place),
    container: intentOf({
      image: spec.image === undefined ? '' : readImage(spec.image, inside(place, 'image')),
      platform: canonicalPlatform(spec.platform),
      ...readProcess(spec, context, place),
      ...readReach(part, context),
      ...storage.fields,
      ...readRights(spec, place),
      ...readLimits(spec, place),
    }),
    reactions: storage.reactions,
    contents: storage.contents,
    pullPolicy: readPullPolicy(spec.pull_policy, inside(place, 'pull_policy')),
    dependsOn: readDependencies(spec, place),
    rollout: readRollout(part.rollout, context.rollout, inside(ownPlace, 'rollout')),
    drift: withEngineNames(readDrift(part.drift, context.drift, inside(ownPlace, 'drift')), context.networks),
    origin: { file: place.document.file, line: position.line },
    part,
  };
}
