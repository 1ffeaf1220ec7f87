import { expect } from 'vitest';
import type { DesiredService, DesiredStack } from '../../reconciler/model/desired.ts';
import type { ObservedContainer, ObservedState } from '../../reconciler/model/observed.ts';

/**
 * What a person who knows nothing of the planner would look for. Nothing here calls it: containers are counted and
 * read, and what was there before is compared with what is there now.
 */
export function expectAtItsLine(desired: DesiredStack, observed: ObservedState): void {
  const expected = desired.services.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => `${desired.name}-${name}-${index + 1}`),
  );
  const present = observed.containers.filter(({ ownership }) => ownership.stack === desired.name);
  expect(present.map(({ name }) => name).sort()).toEqual(expected.sort());
  for (const service of desired.services) {
    for (const container of present.filter(({ ownership }) => ownership.resource === service.name)) {
      expectAsSaid(service, container, observed);
    }
  }
}

/** Every field that a person said is what the container has. */
function expectAsSaid(
  service: DesiredService,
  { name, spec, state }: ObservedContainer,
  observed: ObservedState,
): void {
  const {
    image,
    environment = {},
    mem_limit = null,
    ports = [],
    networks = {},
    mounts = {},
    network_mode = '',
  } = service.container;
  expect({ name, image: spec.image, memory: spec.mem_limit, ports: spec.ports }).toEqual({
    name,
    image,
    memory: mem_limit,
    ports,
  });
  expect(spec.environment).toEqual(environment);
  expect(spec.networks).toEqual(networks);
  expect(Object.keys(spec.mounts)).toEqual(Object.keys(mounts));
  // A job whose sync died runs on by itself.
  expect([name, service.lifecycle === 'job' ? 'exited' : 'running', 'running']).toContain(state.status);
  if (network_mode.startsWith('service:')) {
    const lender = observed.containers.find((container) => `container:${container.id}` === spec.network_mode);
    expect(`service:${lender?.ownership.resource}`).toEqual(network_mode);
    expect(lender?.state.status).toBe('running');
  }
}

/** What is not the stack's is as it was, down to the last field. */
export function expectOthersUntouched(
  before: ObservedState,
  after: ObservedState,
  desired: DesiredStack,
): void {
  const others = ({ containers }: ObservedState): readonly ObservedContainer[] =>
    containers.filter(({ ownership }) => ownership.stack !== desired.name);
  expect(others(after)).toEqual(others(before));
  expect(after.strangers).toEqual(before.strangers);
  expect(after.networks.filter(({ ownership }) => ownership?.stack !== desired.name)).toEqual(
    before.networks.filter(({ ownership }) => ownership?.stack !== desired.name),
  );
}

/** No volume that was there is gone. */
export function expectVolumesKept(before: ObservedState, after: ObservedState): void {
  const kept = new Set(after.volumes.map(({ name }) => name));
  expect(before.volumes.map(({ name }) => name).filter((name) => !kept.has(name))).toEqual([]);
}

export function runningOf(observed: ObservedState, service: string): number {
  return observed.containers.filter(
    ({ ownership, state }) => ownership.resource === service && state.status === 'running',
  ).length;
}

/** Whether nothing that the two versions have in common forbids that they run side by side. */
export function mayOverlap(before: DesiredService, after: DesiredService): boolean {
  const isFree = ({ container, rollout, lifecycle }: DesiredService): boolean =>
    lifecycle === 'service' &&
    rollout.strategy !== 'recreate' &&
    container.network_mode === 'networks' &&
    (container.ports ?? []).every(({ published }) => published === '') &&
    Object.values(container.mounts ?? {}).every((mount) => mount.type === 'volume' && mount.read_only);
  return isFree(before) && isFree(after);
}
