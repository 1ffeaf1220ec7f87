import type { Finding } from '../model/change.ts';
import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { finding } from './findings.ts';
import { itemsOn, type LeftEngine, type MoveInput } from './left-engine.ts';

/** What a move leaves behind: data does not go with the containers. */
export function moveFindings(input: MoveInput): readonly Finding[] {
  return input.left.flatMap((left) => dataFinding(left, input));
}

function dataFinding(left: LeftEngine, input: MoveInput): readonly Finding[] {
  const { name, engine } = input.desired;
  const moving = movingFrom(left.engine, input);
  const data = [...new Set(moving.flatMap((service) => dataOf(service, left, input)))].sort();
  if (data.length === 0) return [];
  const message = `Stack ${name} moves from ${left.engine} to ${engine}, and its data does not: ${data.join(', ')}.`;
  const remedy = `Accept MV101 to begin on ${engine} without it and copy it there; what is on ${left.engine} is kept.`;
  return [finding('MV101', { kind: 'stack' }, { message, remedy })];
}

/** Wanted services that are recorded there and not yet on their new engine. */
function movingFrom(left: Name, { desired, inventory }: MoveInput): readonly DesiredService[] {
  const isOn = (engine: Name, { name }: DesiredService): boolean =>
    itemsOn(engine, inventory).some((item) => item.kind === 'service' && item.name === name);
  return desired.services.filter((service) => isOn(left, service) && !isOn(desired.engine, service));
}

function dataOf(service: DesiredService, left: LeftEngine, input: MoveInput): readonly string[] {
  const volumes = itemsOn(left.engine, input.inventory).filter(({ kind }) => kind === 'volume');
  const mounts = Object.entries(service.container.mounts ?? {}).flatMap(([target, mount]) => {
    if (mount.type === 'volume' && volumes.some(({ engineName }) => engineName === mount.source))
      return [`volume ${mount.source}`];
    return mount.type === 'bind' && !mount.read_only ? [`${mount.source} of the host (${target})`] : [];
  });
  return mounts.concat(left.kind === 'seen' ? anonymousDataOf(service, left, input) : []);
}

function anonymousDataOf(
  { name }: DesiredService,
  { observed }: Extract<LeftEngine, { readonly kind: 'seen' }>,
  { desired }: MoveInput,
): readonly string[] {
  return observed.containers
    .filter(({ ownership }) => ownership.stack === desired.name && ownership.resource === name)
    .flatMap(({ instance, anonymousVolumes }) =>
      Object.keys(anonymousVolumes).map((target) => `anonymous volume of ${name}.${instance} (${target})`),
    );
}

/** Until it has begun to move, nobody knows whether it would run twice; afterwards only the rest is left to remove. */
export function unseenFinding(
  { engine, why }: Extract<LeftEngine, { readonly kind: 'unseen' }>,
  input: MoveInput,
): Finding {
  const { name, engine: to } = input.desired;
  const resource = { kind: 'stack' } as const;
  if (movingFrom(engine, input).length > 0) {
    const message = `Stack ${name} moves from ${engine}, which cannot be reached, so that it may go on there beside ${to}. ${why}`;
    const remedy = `Wait until ${engine} answers; or make sure that it is off, and accept MV102.`;
    return finding('MV102', resource, { message, remedy });
  }
  const message = `What stack ${name} left on ${engine} cannot be removed now. ${why}`;
  const remedy = `It goes once ${engine} answers; if it never will, accept MV103 to forget it.`;
  return finding('MV103', resource, { message, remedy });
}
