import type { Change } from '../model/change.ts';
import { containerName } from '../model/ids.ts';
import type { DriftKind } from '../model/drift.ts';
import type { DesiredStack } from '../model/desired.ts';
import type { ObservedContainer, ObservedEvent, ObservedState } from '../model/observed.ts';
import { howItEnded, type Account } from './how-ended.ts';
import { lookupOf } from './lookup.ts';
import { isUpdatable } from './update.ts';

export interface Scene {
  readonly desired: DesiredStack;
  readonly observed: ObservedState;
}

/** How one change that Git did not make came about, as far as the engine told. It never tells who asked. */
export function accountOf(change: Change, scene: Scene): Account {
  const { resource } = change;
  switch (resource.kind) {
    case 'instance':
      return accountOfInstance(change, { ...scene, service: resource.service, number: resource.instance });
    case 'network':
    case 'volume':
      return accountOfResource(change, resource, scene);
    case 'service':
    case 'stack':
    case 'elsewhere':
      return unexplained;
    default:
      return resource satisfies never;
  }
}

const unexplained: Account = { kind: 'found', because: 'no event told how it came about', at: null };

interface Instance extends Scene {
  readonly service: ObservedContainer['ownership']['resource'];
  readonly number: number;
}

function accountOfInstance(change: Change, at: Instance): Account {
  const { desired, observed, service, number } = at;
  const name = containerName(desired.name, service, number);
  switch (change.kind) {
    case 'add':
      return accountOfAbsence(name, observed);
    case 'remove':
      return told(lastOf(observed, { action: 'create', name }), {
        kind: 'copied',
        because: 'made by somebody else as a copy of ours',
      });
    case 'modify': {
      if (change.path === 'name') return accountOfName(name, observed);
      const claims = lookupOf(observed).services.get(desired.name)?.get(service) ?? [];
      const own = claims.filter(({ instance }) => instance === number);
      const container = own.find((claim) => claim.name === name) ?? own[0];
      return container === undefined ? unexplained : accountOfField(change, container, observed);
    }
    default:
      return change satisfies never;
  }
}

function accountOfName(name: string, observed: ObservedState): Account {
  const renamed = renamingOf(name, observed);
  const other = renamed === undefined ? '' : ` to ${renamed.name}`;
  return told(renamed, { kind: 'renamed', because: `renamed${other} through the Docker API` });
}

function renamingOf(name: string, { events }: ObservedState): ObservedEvent | undefined {
  return events.findLast(({ action, details }) => action === 'rename' && details['oldName'] === `/${name}`);
}

/** Taken away, given another name, or out of the way of somebody else's. */
function accountOfAbsence(name: string, observed: ObservedState): Account {
  const renamed = renamingOf(name, observed);
  const destroyed = lastOf(observed, { action: 'destroy', name });
  const isRenamed = renamed !== undefined && (destroyed === undefined || renamed.at > destroyed.at);
  if (isRenamed) return accountOfName(name, observed);
  if (lookupOf(observed).strangers.has(name))
    return told(lastOf(observed, { action: 'create', name }), {
      kind: 'nameTaken',
      because: `a container that is not ours has the name ${name}`,
    });
  if (destroyed !== undefined)
    return told(destroyed, { kind: 'removed', because: 'removed through the Docker API' });
  return { kind: 'removed', because: 'removed, and no event told when', at: null };
}

type Modification = Extract<Change, { readonly kind: 'modify' }>;

function accountOfField(
  change: Modification,
  container: ObservedContainer,
  observed: ObservedState,
): Account {
  const { path } = change;
  const [field = ''] = path.split('.');
  const own = observed.events.filter(({ subject, id }) => subject === 'container' && id === container.id);
  const last = (...actions: readonly string[]): ObservedEvent | undefined =>
    own.findLast(({ action }) => actions.includes(action));
  if (path === 'state') return accountOfState(container, observed);
  if (path === 'image' && change.cause.kind === 'image') return accountOfImage(container, observed);
  if (field === 'networks') return accountOfNetwork(change, own);
  if (isUpdatable(field))
    return told(last('update'), { kind: 'updated', because: 'changed with docker update' });
  return told(last('create'), { kind: 'remade', because: 'the container was made anew by somebody else' });
}

function accountOfState(container: ObservedContainer, { events }: ObservedState): Account {
  const { status, restartCount, exitCode, finishedAt } = container.state;
  if (status === 'exited') return howItEnded(container, events);
  if (status === 'paused') {
    const paused = events.findLast(({ action, id }) => action === 'pause' && id === container.id);
    return told(paused, { kind: 'paused', because: 'paused through the Docker API' });
  }
  if (status !== 'restarting') return unexplained;
  const because = `its process ends again and again (${restartCount} restarts, exit ${exitCode ?? 'unknown'})`;
  return { kind: 'restartLoop', because, at: finishedAt };
}

function accountOfImage({ spec }: ObservedContainer, observed: ObservedState): Account {
  const moved = observed.events.findLast(
    ({ subject, action, name }) =>
      subject === 'image' && (action === 'tag' || action === 'pull') && name === spec.image,
  );
  const how = moved === undefined ? 'moved' : moved.action === 'pull' ? 'was pulled anew' : 'was set anew';
  return told(moved, { kind: 'imageMoved', because: `the tag ${how}: ${spec.image} is another image now` });
}

function accountOfNetwork({ path, from, to }: Modification, own: readonly ObservedEvent[]): Account {
  const touched = own.filter(({ details: { network = '' } }) => isAt(path, `networks.${network}`));
  const network = touched.at(-1)?.details['network'] ?? path.replace(/^networks\./, '');
  const last = (action: string): ObservedEvent | undefined =>
    touched.findLast((one) => one.action === action);
  const isWhole = path === `networks.${network}`;
  if (isWhole && from === undefined)
    return told(last('disconnect'), {
      kind: 'disconnected',
      because: `disconnected from network ${network} through the Docker API`,
    });
  const because =
    isWhole && to === undefined
      ? `connected to network ${network} through the Docker API`
      : `connected to network ${network} anew, in another way`;
  return told(last('connect'), { kind: 'connected', because });
}

function isAt(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}.`);
}

interface NamedResource {
  readonly kind: 'network' | 'volume';
  readonly name: string;
}

function accountOfResource(
  change: Change,
  { kind, name }: NamedResource,
  { desired, observed }: Scene,
): Account {
  const declared = kind === 'network' ? desired.networks : desired.volumes;
  const engineName = declared.find((resource) => resource.name === name)?.engineName ?? name;
  const last = (action: string): ObservedEvent | undefined =>
    observed.events.findLast(
      (event) => event.subject === kind && event.name === engineName && event.action === action,
    );
  if (change.kind === 'add')
    return told(last('destroy'), { kind: 'removed', because: 'removed through the Docker API' });
  return told(last('create'), { kind: 'remade', because: 'made anew by somebody else, with other options' });
}

interface Wanted {
  readonly action: string;
  readonly name: string;
}

function lastOf({ events }: ObservedState, { action, name }: Wanted): ObservedEvent | undefined {
  return events.findLast(
    (event) => event.subject === 'container' && event.action === action && event.name === name,
  );
}

function told(event: ObservedEvent | undefined, account: { kind: DriftKind; because: string }): Account {
  return { ...account, at: event?.at ?? null };
}
