import type { Finding, FindingLevel, Resource } from '../model/change.ts';

/**
 * Every risk that a plan can hold. Codes are API: they are approved by name, so none is ever renamed or reused.
 * `info` and `warn` are shown, `approve` stops the sync until the code is accepted, `deny` until the manifest or the
 * operator's policy changes.
 */
export const levels = {
  /** Downtime: no instance runs for a while. */
  DT101: 'warn',
  /** Data loss: a volume that left the manifests is removed. */
  DL101: 'approve',
  /** Data out of sight: an anonymous volume stays behind on the engine; accepting it removes the volume too. */
  DL102: 'warn',
  /** Mass deletion: every service is removed, or more than `max_prune` allows. */
  MD101: 'approve',
  /** Takeover: another source deployed the stack until now, and something that only it had is removed. */
  TO101: 'approve',
  /** Volume: its driver or options differ, which cannot be changed without losing the data. */
  VL101: 'approve',
  /** Volume: its labels differ, which cannot be changed while it exists. */
  VL102: 'info',
  /** Volume: an external one does not exist. */
  VL103: 'warn',
  /** Volume: containers of another stack write to it too. */
  VL104: 'warn',
  /** Orphan: something carries our labels, is not in the manifests and is not removed. */
  OR101: 'info',
  /** Network: a changed one is made anew, and its containers are cut off meanwhile. */
  NW102: 'warn',
  /** Network: an external one does not exist. */
  NW101: 'warn',
  /** Network: it cannot be made anew or removed, because containers that are not this stack's are on it. */
  NW103: 'warn',
  /** Name: of a container, taken by one that is not ours. */
  NM101: 'warn',
  /** Name: of a network, taken by one that is not this stack's. */
  NM102: 'warn',
  /** Name: of a volume, taken by one that is not this stack's. */
  NM103: 'warn',
  /** Name: a container bears our labels under a name that is not theirs, and runs on with nobody looking after it. */
  NM104: 'warn',
  /** Port: a host port is held by somebody who keeps it. */
  PT101: 'warn',
  /** Dependency: a service that is required will not come. */
  DP101: 'warn',
  /** Dependency: a service that is not required is not there. */
  DP102: 'info',
  /** Job: it failed and is not run again before its definition changes. */
  JB101: 'warn',
  /** Engine: it does not know something that is asked for, and leaves it out. */
  EN101: 'warn',
  /** Engine: it would do something else than what is asked for, which might show or lose data. */
  EN102: 'warn',
  /** Move: the stack goes to another engine, and its data does not. */
  MV101: 'approve',
  /** Move: the engine that the stack leaves cannot be reached, so that it may go on there. */
  MV102: 'approve',
  /** Move: what is left on another engine cannot be removed now; accepting it forgets that. */
  MV103: 'warn',
  /** Image: without a tag, or `latest`, so that a commit does not say what runs. */
  IM101: 'info',
  /** Image: it is not there and must not be pulled. */
  IM102: 'warn',
  /** Image: the registry could not be asked whether there is a newer one. */
  IM103: 'info',
  /** Image: it goes back to an earlier major version. */
  IM104: 'warn',
  /** Image: it goes back to an earlier major version, over data that the later one has written. */
  IM105: 'approve',
  /** Policy: privileged. */
  PV101: 'deny',
  /** Policy: a path of the host. */
  HP101: 'deny',
  /** Policy: the engine's socket, which is as good as root on the host. */
  DS101: 'deny',
  /** Policy: an added capability. */
  CP101: 'deny',
  /** Policy: a device. */
  DV101: 'deny',
  /** Policy: a namespace of the host. */
  NS101: 'deny',
  /** Policy: a security option that takes protection away. */
  SO101: 'deny',
  /** Policy: a kernel setting. */
  SC101: 'deny',
  /** Policy: an image from a registry that is not allowed. */
  RG101: 'deny',
} as const satisfies Readonly<Record<string, FindingLevel>>;

export type FindingCode = keyof typeof levels;

export interface FindingText {
  /** A finished sentence: what, of which resource. */
  readonly message: string;
  /** A finished sentence: what to do. */
  readonly remedy: string;
}

export function finding(code: FindingCode, resource: Resource, { message, remedy }: FindingText): Finding {
  return { code, level: levels[code], resource, message, remedy };
}
