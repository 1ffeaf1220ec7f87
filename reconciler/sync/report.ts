import type { CommitStatus, Deployment } from '../model/forge.ts';
import type { SyncOutcome, SyncRecord } from '../model/event.ts';
import type { Name } from '../model/ids.ts';
import type { SyncReport } from '../model/review-record.ts';
import type { ConnectedForge, World } from './world.ts';

/** "Say at the forge how the sync of this stack goes." Never waits for the forge. */
export async function requestReport(world: World, stack: Name, source: Name | null): Promise<void> {
  const connected = source === null ? undefined : world.forges.get(source);
  if (connected === undefined || !(connected.statuses || connected.deployments)) return;
  await world.store.requestForgeWork(`report:${stack}`, world.clock.now());
  await world.forgeWork.enqueue(`report:${stack}`);
}

/**
 * Says of the stack's newest sync what history says of it, on its commit. One that was told as pending and was overtaken
 * meanwhile is told to its end first.
 */
export async function reportSync(world: World, stack: Name, signal: AbortSignal): Promise<null> {
  const source = world.views.stack(stack)?.source.source ?? world.statuses.get(stack)?.source ?? null;
  const connected = source === null ? undefined : world.forges.get(source);
  const [latest] = (await world.store.history({ stack, limit: 1 })).syncs;
  if (connected === undefined || latest === undefined) return null;
  const told = await world.store.report(stack);
  if (told !== null && told.state === 'pending' && told.syncId !== latest.id) {
    const overtaken = await world.store.sync(told.syncId);
    if (overtaken !== null) await tell(world, connected, { sync: overtaken, told, signal });
  }
  await tell(world, connected, { sync: latest, told: told?.syncId === latest.id ? told : null, signal });
  return null;
}

interface Telling {
  readonly sync: SyncRecord;
  /** What was said of this sync before. */
  readonly told: SyncReport | null;
  readonly signal: AbortSignal;
}

async function tell(world: World, connected: ConnectedForge, { sync, told, signal }: Telling): Promise<void> {
  const { stack, to, id: syncId } = sync;
  const state = stateOf(sync.outcome);
  if (to === null || told?.state === state) return;
  const scope = world.installation === 'default' ? '' : `${world.installation}/`;
  const description = describe(sync);
  const status: CommitStatus = {
    revision: to.revision,
    context: `plimsoll/${scope}sync/${stack}`,
    state,
    description,
  };
  if (connected.statuses) await connected.forge.publishStatus(status, signal);
  const deployment = connected.deployments
    ? await deploy(connected, { sync, told, signal }, { ...status, context: `${scope}${stack}` })
    : null;
  await world.store.recordReport({ stack, syncId, state, deployment });
}

/** Only a sync that changes something is a deployment. */
async function deploy(
  { forge }: ConnectedForge,
  { sync, told, signal }: Telling,
  { revision, context, state, description }: CommitStatus,
): Promise<string | null> {
  const id = told?.deployment ?? null;
  if (id === null && (sync.plan?.steps.length ?? 0) === 0) return null;
  const deployed: Deployment = {
    id,
    revision,
    environment: context,
    state: state === 'pending' ? 'running' : state,
    description,
  };
  return forge.publishDeployment(deployed, signal);
}

/** What goes on by itself is pending; what waits for a person is not. */
function stateOf(outcome: SyncOutcome | null): CommitStatus['state'] {
  switch (outcome) {
    case null:
    case 'waiting':
    case 'unknown':
    case 'interrupted':
      return 'pending';
    case 'unchanged':
    case 'succeeded':
      return 'success';
    case 'partial':
    case 'failed':
    case 'denied':
    case 'invalid':
    case 'superseded':
    case 'cancelled':
      return 'failure';
    default:
      return outcome satisfies never;
  }
}

const longestSummary = 80;

/** The outcome, and where more is to be seen. */
function describe({ id, stack, outcome, summary }: SyncRecord): string {
  const where = `plimsoll history ${id}`;
  if (outcome === null) return `${stack} is being synced: ${where}`;
  const what = summary.length > longestSummary ? `${summary.slice(0, longestSummary - 1)}…` : summary;
  return `${outcome}: ${what} · ${where}`;
}
