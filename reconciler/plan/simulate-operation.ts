import { SyncError } from '../model/error.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '../model/observed.ts';
import type { Operation, Target } from '../model/plan.ts';
import { simulateCreate } from './simulate-create.ts';
import { findTarget, refuseTakenName, type MadeContainers } from './simulate-names.ts';
import {
  completed,
  connected,
  disconnected,
  proven,
  restarted,
  signalled,
  started,
  stopped,
  unpaused,
  updated,
  written,
} from './simulate-container.ts';
import { createdNetwork, createdVolume, withoutNetwork, withoutVolumes } from './simulate-resource.ts';

export interface SimulationContext {
  readonly stack: Name;
  /** The containers that earlier steps of the plan made. */
  readonly made: MadeContainers;
  readonly registry?: Readonly<Record<string, ObservedImage>>;
  readonly fate?: (container: ObservedContainer) => 'well' | 'unhealthy' | 'crashes';
}

/** The world after one operation. Throws SyncError where an engine would refuse. */
export function simulateOperation(
  state: ObservedState,
  operation: Operation,
  context: SimulationContext,
): ObservedState {
  switch (operation.kind) {
    case 'pullImage':
      return pulled(state, operation, context);
    case 'createNetwork':
      return createdNetwork(state, operation.network, context.stack);
    case 'removeNetwork':
      return withoutNetwork(state, operation);
    case 'createVolume':
      return createdVolume(state, operation.volume, context.stack);
    case 'removeVolume':
      return withoutVolumes(state, [operation.name]);
    case 'createContainer':
      return simulateCreate(state, operation, context);
    case 'removeContainer':
      return removed(state, operation, context.made);
    case 'renameContainer':
      return renamed(state, operation, context.made);
    default:
      return replaced(state, findTarget(state, operation.target, context.made), (container) =>
        changed(container, operation, { state, ...context }),
      );
  }
}

type ContainerOperation = Exclude<
  Extract<Operation, { readonly target: Target }>,
  { readonly kind: 'removeContainer' | 'renameContainer' }
>;

interface Surroundings extends SimulationContext {
  readonly state: ObservedState;
}

function changed(
  container: ObservedContainer,
  operation: ContainerOperation,
  around: Surroundings,
): ObservedContainer {
  const { state, fate } = around;
  switch (operation.kind) {
    case 'startContainer':
      return started(container, state);
    case 'restartContainer':
      return restarted(container, state);
    case 'signalContainer':
      return signalled(container);
    case 'writeConfigs':
      return written(container, operation);
    case 'unpauseContainer':
      return unpaused(container);
    case 'stopContainer':
      return stopped(container, state.at);
    case 'updateContainer':
      return updated(container, operation.to);
    case 'connectNetwork':
      return connected(container, operation, state);
    case 'disconnectNetwork':
      return disconnected(container, operation.network);
    case 'awaitHealthy':
      return proven(container, fate?.(container) ?? 'well');
    case 'awaitCompleted':
      return completed(container, { at: state.at, fate: fate?.(container) ?? 'well' });
    default:
      return operation satisfies never;
  }
}

function replaced(
  state: ObservedState,
  found: ObservedContainer,
  change: (container: ObservedContainer) => ObservedContainer,
): ObservedState {
  const next = change(found);
  return {
    ...state,
    containers: state.containers.map((container) => (container === found ? next : container)),
  };
}

function pulled(
  state: ObservedState,
  { image, policy }: Extract<Operation, { readonly kind: 'pullImage' }>,
  { registry = {} }: SimulationContext,
): ObservedState {
  if (policy === 'missing' && state.images[image]) return state;
  const found = registry[image];
  if (found === undefined) {
    throw new SyncError('ImageNotFound', `Image ${image} does not exist; check its name and tag.`);
  }
  return {
    ...state,
    images: { ...state.images, [image]: found },
    imagesById: { ...state.imagesById, [found.id]: found },
  };
}

function removed(
  state: ObservedState,
  { target, anonymousVolumes }: Extract<Operation, { readonly kind: 'removeContainer' }>,
  made: MadeContainers,
): ObservedState {
  const found = findTarget(state, target, made);
  if (found.state.status === 'running' || found.state.status === 'paused') {
    throw new SyncError('EngineConflict', `Container ${found.name} runs; stop it before it is removed.`);
  }
  const rest = { ...state, containers: state.containers.filter((container) => container !== found) };
  return anonymousVolumes ? withoutVolumes(rest, Object.values(found.anonymousVolumes)) : rest;
}

function renamed(
  state: ObservedState,
  { target, name }: Extract<Operation, { readonly kind: 'renameContainer' }>,
  made: MadeContainers,
): ObservedState {
  refuseTakenName(state, name);
  const isStranger = state.strangers.some(({ id }) => target.kind === 'container' && id === target.id);
  if (isStranger) return withRenamedStranger(state, target.name, name);
  return replaced(state, findTarget(state, target, made), (container) => ({ ...container, name }));
}

/** A snapshot does not hold what a stranger is, so it stays one, under its new name. */
function withRenamedStranger(state: ObservedState, from: string, to: string): ObservedState {
  const strangers = state.strangers.map((stranger) =>
    stranger.name === from ? { ...stranger, name: to } : stranger,
  );
  return { ...state, strangers };
}
