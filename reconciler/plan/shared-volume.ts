import type { Finding } from '../model/change.ts';
import type { ContainerIntent } from '../model/container.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { compareText } from '../model/problem.ts';
import { finding } from './findings.ts';
import { listGuests } from './networks.ts';
import { isUp } from './state.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Named volumes that a service writes to while containers of another stack do: few programs are made for that. */
export function sharedVolumeFindings(
  { service }: ServiceSurvey,
  { stack, observed }: Survey,
): readonly Finding[] {
  const others = observed.containers.filter(
    ({ ownership, state }) => ownership.stack !== stack.name && isUp(state),
  );
  return writtenVolumes(service.container).flatMap((volume) => {
    const writers = others.filter((container) => writtenVolumes(container.spec).includes(volume));
    if (service.replicas === 0 || writers.length === 0) return [];
    return [
      finding(
        'VL104',
        { kind: 'service', service: service.name },
        {
          message: `${service.name} writes to volume ${volume}, and so ${describe(writers)}.`,
          remedy: 'Mount it with `:ro` where it is only read, or give each stack a volume of its own.',
        },
      ),
    ];
  });
}

function writtenVolumes({ mounts = {} }: Pick<ContainerIntent, 'mounts'>): readonly string[] {
  const sources = Object.values(mounts).flatMap((mount) =>
    mount.type === 'volume' && mount.source !== '' && !mount.read_only ? [mount.source] : [],
  );
  return [...new Set(sources)].sort();
}

/** `does blog-web-1 of stack blog`. */
function describe(writers: readonly ObservedContainer[]): string {
  const names = writers.map(({ name }) => name).sort(compareText);
  const stacks = [...new Set(writers.map(({ ownership }) => ownership.stack))].sort(compareText);
  const verb = names.length === 1 ? 'does' : 'do';
  return `${verb} ${listGuests(names)} of stack ${stacks.join(' and ')}`;
}
