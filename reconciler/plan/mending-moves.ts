import type { Operation, Target } from '../model/plan.ts';
import type { Reading } from './compare.ts';
import { configsToWrite, signalsFor } from './config-reaction.ts';
import { awaitMove, awaitToldMove, labelOf, startMove, type InstancePlace } from './instance-moves.ts';
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

export interface ConfigMoves {
  readonly write: readonly Move[];
  /** That the process was told of them, so that it is not told again. */
  readonly confirm: readonly Move[];
}

/** Config files into a container that lives. They are marked until the process was told, which a crash may prevent. */
export function configMoves(place: InstancePlace, reading: Reading): ConfigMoves {
  const configs = configsToWrite(reading);
  if (Object.keys(configs).length === 0) return { write: [], confirm: [] };
  const target = existing(reading.container);
  const move = (verb: string, isTold: boolean): Move => ({
    id: `${verb} configs of ${labelOf(place)}`,
    operation: { kind: 'writeConfigs', target, configs, isTold },
  });
  return { write: [move('write', false)], confirm: [move('confirm', true)] };
}

/** From whatever state it is in to running, and the proof that it runs well. */
export function stateMoves(place: InstancePlace, reading: Reading): readonly Move[] {
  const { container, changes } = reading;
  const acting = new Set(changes.filter(({ isActing }) => isActing).map(({ mend }) => mend));
  const target = existing(container);
  const need = stateNeed(container.state, place.of.service.lifecycle);
  // A process that came up between the look and the writing has read the old files.
  const isCaughtBetween = acting.has('signal') && (need === 'start' || need === 'wait');
  if (acting.has('restart') || isCaughtBetween) {
    const wake = need === 'unpause' ? [unpauseMove(place, target)] : [];
    return [...wake, restartMove(place, reading), awaitMove(place, target)];
  }
  if (!acting.has('state') && !acting.has('signal')) return [];
  const tell = signalMoves(place, reading);
  switch (need) {
    case 'none':
      return tell.length === 0 ? [] : [...tell, awaitToldMove(place, target)];
    case 'wait':
      return [awaitMove(place, target)];
    case 'start':
      return [startMove(place, target), awaitMove(place, target)];
    case 'unpause': {
      const proof = tell.length === 0 ? awaitMove(place, target) : awaitToldMove(place, target);
      return [unpauseMove(place, target), ...tell, proof];
    }
    default:
      return need satisfies never;
  }
}

function restartMove(place: InstancePlace, { container }: Reading): Move {
  const graceMs = container.spec.stop_grace_period;
  return {
    id: `restart ${labelOf(place)}`,
    after: place.startAfter,
    operation: { kind: 'restartContainer', target: existing(container), graceMs },
  };
}

function unpauseMove(place: InstancePlace, target: Target): Move {
  const operation: Operation = { kind: 'unpauseContainer', target };
  return { id: `unpause ${labelOf(place)}`, after: place.startAfter, operation };
}

function signalMoves(place: InstancePlace, reading: Reading): readonly Move[] {
  const target = existing(reading.container);
  const paths = Object.keys(configsToWrite(reading));
  return signalsFor(paths, place.of.service.reactions).map((signal) => ({
    id: `signal ${labelOf(place)} with ${signal}`,
    operation: { kind: 'signalContainer', target, signal },
  }));
}
