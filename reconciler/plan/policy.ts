import type { Finding, Resource } from '../model/change.ts';
import type { DesiredService, DesiredVolume } from '../model/desired.ts';
import { finding } from './findings.ts';
import { hostSources } from './host-sources.ts';
import { hostPathRemedy, isBelow, violationsOf } from './violations.ts';

/** What the operator allows; everything that is named here is forbidden until then. Read from the host, never from Git. */
export interface Policy {
  /** Rights: `privileged`, `host_network`, `docker_socket`, … */
  readonly allow: readonly string[];
  /** Paths of the host that may be mounted, with everything below them. */
  readonly hostPaths: readonly string[];
  /** Capabilities that may be added, with or without `CAP_`. */
  readonly capabilities: readonly string[];
  /** Registries, or parts of them, that images may come from; null or empty allows all. */
  readonly registries: readonly string[] | null;
}

/** Nothing may go on, it waits for these codes to be accepted, or it may. */
export function decide(
  findings: readonly Finding[],
  approvals: readonly string[],
): 'allow' | 'approve' | 'deny' {
  if (findings.some(({ level }) => level === 'deny')) return 'deny';
  const isOpen = findings.some(({ level, code }) => level === 'approve' && !approvals.includes(code));
  return isOpen ? 'approve' : 'allow';
}

/** What a service asks for that the operator has not allowed. */
export function policyFindings(service: DesiredService, policy: Policy): readonly Finding[] {
  const resource: Resource = { kind: 'service', service: service.name };
  return violationsOf(service.container, policy).map(({ code, what, remedy }) =>
    finding(code, resource, {
      message: `${service.name} ${what}, which the operator's policy does not allow.`,
      remedy,
    }),
  );
}

/** A local volume can be a directory of the host in disguise. */
export function volumePolicyFindings(volume: DesiredVolume, policy: Policy): readonly Finding[] {
  if (volume.external) return [];
  return hostSources(volume)
    .filter((source) => !isBelow(source, policy.hostPaths))
    .map((source) => {
      const message = `Volume ${volume.name} is ${source} of the host, which the operator's policy does not allow.`;
      const remedy = source.startsWith('/') ? hostPathRemedy(source) : disguiseRemedy;
      return finding('HP101', { kind: 'volume', name: volume.name }, { message, remedy });
    });
}

const disguiseRemedy =
  "Use a volume without driver options, tmpfs, NFS or CIFS; or name the host's directory by its absolute path, below policy.host_paths of the operator's file.";
