import type { Cause } from '../model/change.ts';
import { referencedService } from '../model/container.ts';
import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { isMisfit, lenderOf, type ContainerChange, type Reading } from './compare.ts';
import type { Lookup } from './lookup.ts';
import { isCreating } from './slots.ts';
import type { ServiceSurvey } from './survey.ts';

export interface Neighbours {
  readonly service: DesiredService;
  /** What the service depends on, as it will be. */
  readonly neighbours: ReadonlyMap<Name, ServiceSurvey>;
  readonly lookup: Lookup;
}

/**
 * Adds what a container must suffer because of what happens to others. Both rules read states, not events, so that a
 * sync which died between a replacement and its consequences is caught up with.
 */
export function withDependencyChanges(reading: Reading, neighbours: Neighbours): Reading {
  const borrowed = sharedModes.flatMap((field) => borrowingChanges(field, reading, neighbours));
  const changes = [...withoutDoubles(reading.changes, borrowed), ...borrowed];
  const merged = { ...reading, changes };
  if (isMisfit(merged) || reading.container.state.status !== 'running') return merged;
  return { ...merged, changes: [...changes, ...restartChanges(reading.container, neighbours)] };
}

const sharedModes = ['network_mode', 'pid', 'ipc'] as const;
type SharedMode = (typeof sharedModes)[number];

/** The field comparison has met the same id and cannot know that the lender was replaced. */
function withoutDoubles(
  changes: readonly ContainerChange[],
  borrowed: readonly ContainerChange[],
): readonly ContainerChange[] {
  const paths = new Set(borrowed.map(({ path }) => path));
  return changes.filter(({ path }) => !paths.has(path));
}

/** A namespace dies with the container that lends it: whoever shares it must be made anew. */
function borrowingChanges(
  field: SharedMode,
  { container }: Reading,
  { service, neighbours, lookup }: Neighbours,
): readonly ContainerChange[] {
  const mode = service.container[field];
  const lender = mode === undefined ? null : referencedService(mode);
  if (mode === undefined || lender === null) return [];
  const seen = container.spec[field];
  const wanted = neighbours.get(lender)?.slots[0];
  if (wanted === undefined || !isSharingWith(seen, lender, lookup)) return [];
  if (wanted.keeper === null && !isCreating(wanted)) return [];
  if (wanted.keeper !== null && isSharedWith(seen, wanted.keeper.container, { container, lookup })) return [];
  const cause: Cause = { kind: 'dependency', service: lender };
  return [{ path: field, from: seen, to: mode, cause, mend: 'replace', isActing: true }];
}

/** It shares with a container of this service, or with one that is gone. */
function isSharingWith(mode: string, lender: Name, lookup: Lookup): boolean {
  if (mode === `service:${lender}`) return true;
  if (!mode.startsWith('container:')) return false;
  const container = lenderOf(mode, lookup);
  return container === null || container.ownership.resource === lender;
}

interface Sharer {
  readonly container: ObservedContainer;
  readonly lookup: Lookup;
}

/** Where only the service's name is known, age tells: nobody shares with a container that was made later. */
function isSharedWith(mode: string, lender: ObservedContainer, { container, lookup }: Sharer): boolean {
  if (!mode.startsWith('container:')) return lender.createdAt <= container.createdAt;
  return lenderOf(mode, lookup)?.id === lender.id;
}

function restartChanges(
  container: ObservedContainer,
  { service, neighbours }: Neighbours,
): readonly ContainerChange[] {
  if (service.lifecycle === 'job') return [];
  const replaced = service.dependsOn
    .filter(({ restart }) => restart)
    .map((dependency) => neighbours.get(dependency.service))
    .find((survey) => survey !== undefined && isReplacedSince(survey, container));
  const restarted = sharedModes
    .map((field) => referencedService(service.container[field] ?? ''))
    .map((lender) => (lender === null ? undefined : neighbours.get(lender)))
    .find((survey) => survey !== undefined && isRestartedSince(survey, container));
  const reason = restarted ?? replaced;
  if (reason === undefined) return [];
  const cause: Cause = { kind: 'dependency', service: reason.service.name };
  return [{ path: 'state', from: 'running', to: 'restarted', cause, mend: 'restart', isActing: true }];
}

/** Every instance is younger than the dependent's process, or will be when this plan is carried out. */
function isReplacedSince({ slots }: ServiceSurvey, dependent: ObservedContainer): boolean {
  if (slots.length === 0) return false;
  if (slots.some(({ keeper, old }) => keeper === null && old !== null)) return true;
  const startedAt = dependent.state.startedAt ?? 0;
  return slots.every(({ keeper, absence }) =>
    keeper === null ? absence?.isActing === true : keeper.container.createdAt > startedAt,
  );
}

/** The lender got another process, and with it another namespace, after the dependent joined; or it will. */
function isRestartedSince({ slots }: ServiceSurvey, dependent: ObservedContainer): boolean {
  const keeper = slots[0]?.keeper;
  if (keeper === null || keeper === undefined) return false;
  const startedAt = keeper.container.state.startedAt ?? 0;
  return startedAt > (dependent.state.startedAt ?? 0) || keeper.changes.some(isRestart);
}

function isRestart({ mend, isActing, from }: ContainerChange): boolean {
  return isActing && (mend === 'restart' || (mend === 'state' && from !== 'paused' && from !== 'restarting'));
}
