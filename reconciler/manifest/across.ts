import type { DesiredService, DesiredStack } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { compareText, type Problem } from '../model/problem.ts';
import { findCycle, formatCycle } from './cycle.ts';
import { demandOf, findPortConflicts, formatHostPort, type PortDemand } from './host-port.ts';
import { problemAt } from './place.ts';
import type { ResolvedStack, Subject } from './resolve.ts';
import { suggestion } from './suggestion.ts';

/** A stack of one source, as it was resolved by itself. */
export interface SourceStack {
  readonly source: Name;
  readonly resolved: ResolvedStack;
}

export interface AcrossProblem {
  readonly source: Name;
  readonly stack: Name;
  readonly problem: Problem;
}

/**
 * What only shows when all stacks of all sources are seen together: a name twice, a host port twice, names of the
 * engine that collide, stacks that wait for nothing or for each other. Each of two that collide is told, since only a
 * person knows which should give way. Stacks with problems of their own count only by their names.
 */
export function checkAcross(stacks: readonly SourceStack[]): readonly AcrossProblem[] {
  const named = stacks.flatMap(({ source, resolved }): readonly Member[] => {
    return resolved.name === null ? [] : [{ source, name: resolved.name, stack: resolved.stack, resolved }];
  });
  const members = named.sort(
    (left, right) => compareText(left.name, right.name) || compareText(left.source, right.source),
  );
  return [
    ...duplicateNames(members),
    ...unknownDependencies(members),
    ...cycles(members),
    ...byEngine(members).flatMap((own) => portConflicts(own).concat(nameCollisions(own))),
  ];
}

interface Member {
  readonly source: Name;
  readonly name: Name;
  readonly stack: DesiredStack | null;
  readonly resolved: ResolvedStack;
}

interface Said {
  readonly subject: Subject;
  readonly code: string;
  readonly message: string;
}

function tell({ source, name, resolved }: Member, { subject, code, message }: Said): AcrossProblem {
  return { source, stack: name, problem: problemAt(resolved.placeOf(subject), 'key', { code, message }) };
}

function duplicateNames(members: readonly Member[]): readonly AcrossProblem[] {
  return members.flatMap((member) => {
    const other = members.find((one) => one !== member && one.name === member.name);
    if (other === undefined) return [];
    const where = other.source === member.source ? 'this source too' : `the source ${other.source} too`;
    const message = `makes the stack ${member.name}, which is in ${where}. Rename one of them.`;
    return [tell(member, { subject: { kind: 'stack' }, code: 'DuplicateStack', message })];
  });
}

function unknownDependencies(members: readonly Member[]): readonly AcrossProblem[] {
  const names = new Set<string>(members.map(({ name }) => name));
  return members.flatMap((member) =>
    (member.stack?.dependsOn ?? [])
      .filter((stack) => !names.has(stack))
      .map((stack) => {
        const meant = suggestion(stack, names);
        const how = meant === '' ? '. Add it, or remove the name.' : meant;
        const message = `names the stack ${stack}, which is in no source${how}`;
        return tell(member, { subject: { kind: 'dependsOn', stack }, code: 'UnknownStack', message });
      }),
  );
}

function cycles(members: readonly Member[]): readonly AcrossProblem[] {
  const edges = new Map(members.map(({ name, stack }) => [name as string, stack?.dependsOn ?? []]));
  const cycle = findCycle(edges) ?? [];
  return members.flatMap((member) => {
    const at = cycle.indexOf(member.name);
    const next = cycle[(at + 1) % cycle.length];
    const stack = member.stack?.dependsOn.find((one) => one === next);
    if (at === -1 || stack === undefined) return [];
    const circle = formatCycle([...cycle.slice(at), ...cycle.slice(0, at)]);
    const message = `closes a circle of stacks: ${circle}. Remove one of these dependencies.`;
    return [tell(member, { subject: { kind: 'dependsOn', stack }, code: 'DependencyCycle', message })];
  });
}

/** Host ports and names are taken on one engine only. */
function byEngine(members: readonly Member[]): readonly (readonly Member[])[] {
  const groups = new Map<Name, Member[]>();
  for (const member of members) {
    if (member.stack === null) continue;
    const known = groups.get(member.stack.engine);
    if (known === undefined) groups.set(member.stack.engine, [member]);
    else known.push(member);
  }
  return [...groups.values()];
}

interface PortOwner {
  readonly member: Member;
  readonly service: DesiredService;
}

function portConflicts(members: readonly Member[]): readonly AcrossProblem[] {
  const demands = members.flatMap((member) =>
    (member.stack?.services ?? []).flatMap((service) => demandsOf({ member, service })),
  );
  return findPortConflicts(demands, isSameStack).flatMap(({ demand, other }) => {
    // Within one stack it was told already.
    if (other === null) return [];
    const { member, service } = demand.owner;
    const who = `${other.service.name} of the stack ${other.member.name}`;
    const message = `wants the host port ${formatHostPort(demand)}, which ${who} wants too. Choose another one.`;
    return [
      tell(member, { subject: { kind: 'ports', service: service.name }, code: 'PortConflict', message }),
    ];
  });
}

function isSameStack(left: PortOwner, right: PortOwner): boolean {
  return left.member === right.member;
}

function demandsOf(owner: PortOwner): readonly PortDemand<PortOwner>[] {
  const { container, replicas } = owner.service;
  return (container.ports ?? []).flatMap((binding) => demandOf(owner, binding, replicas) ?? []);
}

/** A name of the engine, and what of which stack would have it. */
interface Claim {
  readonly engineName: string;
  readonly member: Member;
  readonly subject: Subject;
  /** `the service web`. */
  readonly what: string;
}

function nameCollisions(members: readonly Member[]): readonly AcrossProblem[] {
  const byName = new Map<string, Claim[]>();
  for (const claim of members.flatMap(claimsOf)) {
    const known = byName.get(claim.engineName);
    if (known === undefined) byName.set(claim.engineName, [claim]);
    else known.push(claim);
  }
  return [...byName.values()].flatMap((claims) =>
    claims.flatMap((claim) => {
      const other = claims.find(({ member }) => member.name !== claim.member.name);
      return other === undefined ? [] : [tellCollision(claim, other)];
    }),
  );
}

function tellCollision({ engineName, member, subject, what }: Claim, other: Claim): AcrossProblem {
  const shown = engineName.slice(engineName.indexOf(' ') + 1);
  const whose = `${other.what} of the stack ${other.member.name}`;
  const message = `gives ${what} the name ${shown} on the engine, which ${whose} would have too. Rename one of them.`;
  return tell(member, { subject, code: 'NameCollision', message });
}

/** Containers, networks and volumes each have a name space of their own. What is external belongs to somebody else. */
function claimsOf(member: Member): readonly Claim[] {
  if (member.stack === null) return [];
  const { services, networks, volumes } = member.stack;
  return [
    ...services.map(({ name }) => ({
      engineName: `container ${member.name}-${name}-1`,
      member,
      subject: { kind: 'service', service: name } as const,
      what: `the service ${name}`,
    })),
    ...networks
      .filter(({ external }) => !external)
      .map(({ name, engineName }) => ({
        engineName: `network ${engineName}`,
        member,
        subject: { kind: 'network', name } as const,
        what: `the network ${name}`,
      })),
    ...volumes
      .filter(({ external }) => !external)
      .map(({ name, engineName }) => ({
        engineName: `volume ${engineName}`,
        member,
        subject: { kind: 'volume', name } as const,
        what: `the volume ${name}`,
      })),
  ];
}
