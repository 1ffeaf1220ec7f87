import type { Operation } from '../model/plan.ts';
import type { Reading } from './compare.ts';
import { awaitMove, labelOf, startMove, type InstancePlace } from './instance-moves.ts';
import type { Move } from './moves.ts';
import { stateNeed } from './state.ts';
import { existing } from './step-ids.ts';
import { isUpdatable, updateOf } from './update.ts';

/** Limits and restart policy. */
export function updateMoves(
  place: InstancePlace,
  { container, expected, changes }: Reading,
): readonly Move[] {
  const fields = changes
    .filter(({ mend, isActing }) => mend === 'update' && isActing)
    .map(({ path }) => path.split('.')[0] ?? path)
    .filter(isUpdatable);
  if (fields.length === 0) return [];
  const to = updateOf(fields, container.spec, expected);
  return [
    {
      id: `update ${labelOf(place)}`,
      operation: { kind: 'updateContainer', target: existing(container), to },
    },
  ];
}

/** New networks first, so that the container is never without one that it keeps. */
export function networkMoves(
  place: InstancePlace,
  { container, expected, changes }: Reading,
): readonly Move[] {
  const target = existing(container);
  const touched = changes
    .filter(({ mend, isActing }) => mend === 'network' && isActing)
    .map(({ path }) => path);
  const names = [...new Set([...Object.keys(expected.networks), ...Object.keys(container.spec.networks)])]
    .filter((network) => !place.renewed.has(network))
    .filter((network) =>
      touched.some((path) => path === `networks.${network}` || path.startsWith(`networks.${network}.`)),
    )
    .sort();
  const disconnect = (network: string): Move => ({
    id: `disconnect ${labelOf(place)} from ${network}`,
    operation: { kind: 'disconnectNetwork', target, network },
  });
  const connects = names.flatMap((network) => {
    const attachment = expected.networks[network];
    if (attachment === undefined) return [];
    const operation: Operation = { kind: 'connectNetwork', target, network, attachment };
    const move: Move = { id: `connect ${labelOf(place)} to ${network}`, after: place.makeAfter, operation };
    return network in container.spec.networks ? [disconnect(network), move] : [move];
  });
  return [...connects, ...names.filter((network) => !(network in expected.networks)).map(disconnect)];
}

/** From whatever state it is in to running, and the proof that it runs well. */
export function stateMoves(place: InstancePlace, { container, changes }: Reading): readonly Move[] {
  const acting = new Set(changes.filter(({ isActing }) => isActing).map(({ mend }) => mend));
  const target = existing(container);
  const after = place.startAfter;
  const label = labelOf(place);
  if (acting.has('restart')) {
    const operation: Operation = {
      kind: 'restartContainer',
      target,
      graceMs: container.spec.stop_grace_period,
    };
    return [{ id: `restart ${label}`, after, operation }, awaitMove(place, target)];
  }
  if (!acting.has('state')) return [];
  const need = stateNeed(container.state, place.of.service.lifecycle);
  switch (need) {
    case 'none':
      return [];
    case 'wait':
      return [awaitMove(place, target)];
    case 'start':
      return [startMove(place, target), awaitMove(place, target)];
    case 'unpause':
      return [
        { id: `unpause ${label}`, after, operation: { kind: 'unpauseContainer', target } },
        awaitMove(place, target),
      ];
    default:
      return need satisfies never;
  }
}
