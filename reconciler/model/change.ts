import type { Json } from './json.ts';
import type { Name } from './ids.ts';

/** What a change, a step or a finding speaks of, inside one stack. */
export type Resource =
  | LocalResource
  /** On an engine that the stack is no longer to run on. */
  | { readonly kind: 'elsewhere'; readonly engine: Name; readonly resource: LocalResource };

/** The same on the stack's own engine. */
export type LocalResource =
  | { readonly kind: 'service'; readonly service: Name }
  | { readonly kind: 'instance'; readonly service: Name; readonly instance: number }
  | { readonly kind: 'network'; readonly name: Name }
  | { readonly kind: 'volume'; readonly name: Name }
  | { readonly kind: 'stack' };

/**
 * What applying a change does to what runs, from least to most: `inPlace` keeps the process, `rolling` starts
 * the newcomer first, `recreate` has a gap, `delete` removes, `dataLoss` removes something that cannot be made again.
 */
export type ChangeClass = 'create' | 'inPlace' | 'rolling' | 'recreate' | 'delete' | 'dataLoss';

/** Why there is a difference: Git moved, the world moved, or something it depends on is replaced. */
export type Cause =
  | { readonly kind: 'commit' }
  | { readonly kind: 'drift' }
  | { readonly kind: 'image' }
  | { readonly kind: 'dependency'; readonly service: Name }
  | { readonly kind: 'unfinished' };

/** One difference between desired and observed state. */
export type Change =
  | { readonly kind: 'add'; readonly resource: Resource; readonly class: ChangeClass; readonly cause: Cause }
  | {
      readonly kind: 'remove';
      readonly resource: Resource;
      readonly class: ChangeClass;
      readonly cause: Cause;
    }
  | {
      readonly kind: 'modify';
      readonly resource: Resource;
      readonly class: ChangeClass;
      readonly cause: Cause;
      /** `image`, `environment.LOG_LEVEL`, `mounts./data.read_only`, `state`. */
      readonly path: string;
      /** Observed; undefined where the entry is absent. */
      readonly from: Json | undefined;
      /** Desired; undefined where the entry should be absent. */
      readonly to: Json | undefined;
    };

export type FindingLevel = 'info' | 'warn' | 'approve' | 'deny';

/** A risk found in changes. Codes are API; messages are prose. */
export interface Finding {
  readonly code: string;
  readonly level: FindingLevel;
  readonly resource: Resource;
  readonly message: string;
  readonly remedy: string;
}

/** `web`, `web.2`, `network default`, `volume data`, `the stack`, `web.2 on berlin`. */
export function formatResource(resource: Resource): string {
  switch (resource.kind) {
    case 'service':
      return resource.service;
    case 'instance':
      return `${resource.service}.${resource.instance}`;
    case 'network':
    case 'volume':
      return `${resource.kind} ${resource.name}`;
    case 'stack':
      return 'the stack';
    case 'elsewhere':
      return `${formatResource(resource.resource)} on ${resource.engine}`;
    default:
      return resource satisfies never;
  }
}
