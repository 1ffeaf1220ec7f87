import type { Finding, Resource } from '../model/change.ts';
import { containerName, isInstanceName } from '../model/ids.ts';
import type { Claim, ObservedEvent, ObservedState, Stranger } from '../model/observed.ts';
import { finding } from './findings.ts';
import { instanceLabel } from './step-ids.ts';
import type { Survey } from './survey.ts';

/** A container that was ours until somebody renamed it. */
export interface RenamedContainer {
  readonly id: string;
  /** The name that it has now. */
  readonly name: string;
}

/**
 * By the name that it should have: containers whose labels name a place of ours and that certainly had its name, since the
 * engine told of the renaming. Labels alone prove nothing: anybody can copy them. A name that somebody bears is not free.
 */
export function renamedContainers(observed: ObservedState): ReadonlyMap<string, RenamedContainer> {
  const formerNames = formerNamesOf(observed.events);
  const taken = new Set([...observed.containers, ...observed.strangers].map(({ name }) => name));
  const entries = misnamed(observed.strangers).flatMap(({ id, name, claim }) => {
    const proper = properName(claim);
    const isProven = formerNames.get(id)?.has(proper) === true;
    return isProven && !taken.has(proper) ? [[proper, { id, name }] as const] : [];
  });
  return new Map(entries);
}

/** Containers that bear the stack's labels under another name and that nothing is done about. */
export function renamedFindings({ stack, observed, services }: Survey): readonly Finding[] {
  const returning = new Set(
    services.flatMap(({ slots }) =>
      slots.flatMap((slot) => (slot.renamed === null ? [] : [slot.renamed.container.id])),
    ),
  );
  return misnamed(observed.strangers)
    .filter(({ id, claim }) => claim.stack === stack.name && !returning.has(id))
    .map(({ name, claim, networks }) => {
      const isWanted = services.some(({ service }) => service.name === claim.resource);
      const resource: Resource = isWanted ? { kind: 'service', service: claim.resource } : { kind: 'stack' };
      const where = networks.length === 0 ? '' : `, on ${networks.join(' and ')}`;
      return finding('NM104', resource, {
        message: `Container ${name} bears the labels of ${instanceLabel(claim.resource, claim.instance)} and not its name${where}; nobody looks after it.`,
        remedy: `Remove it with \`docker rm -f ${name}\`; or, where ${properName(claim)} is gone, give it its name back: \`docker rename ${name} ${properName(claim)}\`.`,
      });
    });
}

type Claiming = Stranger & { readonly claim: Claim };

/** Who bears the labels of a place of ours under another name. */
export function misnamed(strangers: readonly Stranger[]): readonly Claiming[] {
  return strangers.filter((stranger): stranger is Claiming => {
    const { claim, name } = stranger;
    if (claim === null) return false;
    return !isInstanceName(name, { stack: claim.stack, service: claim.resource, number: claim.instance });
  });
}

function properName({ stack, resource, instance }: Claim): string {
  return containerName(stack, resource, instance);
}

/** By container id. Engines write the old name as a path. */
function formerNamesOf(events: readonly ObservedEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { subject, id, action, details } of events) {
    const former = details['oldName'];
    if (subject !== 'container' || action !== 'rename' || former === undefined) continue;
    const known = names.get(id) ?? new Set();
    names.set(id, known.add(former.replace(/^\//, '')));
  }
  return names;
}
