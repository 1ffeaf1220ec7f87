import type { StepResult } from '../model/event.ts';
import type { Operation, OperationKind } from '../model/plan.ts';
import { awaitCompleted, awaitHealthy } from './await.ts';
import { runWriteConfigs } from './config-operations.ts';
import {
  runConnect,
  runCreate,
  runDisconnect,
  runRemove,
  runRename,
  runRestart,
  runSignal,
  runStart,
  runStop,
  runUnpause,
  runUpdate,
  targetOf,
  type OperationOf,
} from './container-operations.ts';
import { withLastWords } from './last-words.ts';
import type { OperationContext } from './operation-context.ts';
import { pullImage } from './pull.ts';
import {
  runCreateNetwork,
  runCreateVolume,
  runRemoveNetwork,
  runRemoveVolume,
} from './resource-operations.ts';

type Executor<Kind extends OperationKind> = (
  operation: OperationOf<Kind>,
  context: OperationContext,
) => Promise<StepResult>;

/** Each operation and who does it. All of them may be repeated: what is done already is done well. */
const executors: { readonly [Kind in OperationKind]: Executor<Kind> } = {
  pullImage: (operation, context) => pullImage(operation, { ...context, signal: context.cancel }),
  createNetwork: runCreateNetwork,
  removeNetwork: runRemoveNetwork,
  createVolume: runCreateVolume,
  removeVolume: runRemoveVolume,
  createContainer: runCreate,
  startContainer: runStart,
  unpauseContainer: runUnpause,
  restartContainer: runRestart,
  signalContainer: runSignal,
  writeConfigs: runWriteConfigs,
  stopContainer: runStop,
  removeContainer: runRemove,
  renameContainer: runRename,
  updateContainer: runUpdate,
  connectNetwork: runConnect,
  disconnectNetwork: runDisconnect,
  async awaitHealthy(operation, context) {
    const { minHealthyTimeMs, isAnew, healthyDeadlineMs, progressDeadlineMs } = operation;
    const gate = { minHealthyTimeMs, isAnew, deadlineMs: Math.min(healthyDeadlineMs, progressDeadlineMs) };
    const container = context.resolve(operation.target);
    const waiter = { ...context, signal: context.cancel };
    await withLastWords(container, waiter, () => awaitHealthy(container, gate, waiter));
    return {};
  },
  async awaitCompleted({ target, deadlineMs }, context) {
    const container = context.resolve(target);
    const waiter = { ...context, signal: context.cancel };
    await withLastWords(container, waiter, () => awaitCompleted(container, deadlineMs, waiter));
    return {};
  },
};

/** Does one operation. What was known of the container that it changes is forgotten before and after. */
export async function runOperation<Kind extends OperationKind>(
  operation: OperationOf<Kind>,
  context: OperationContext,
): Promise<StepResult> {
  const executor: Executor<Kind> = executors[operation.kind];
  const forget = (): void => forgetTarget(operation, context);
  forget();
  try {
    return await executor(operation, context);
  } finally {
    forget();
  }
}

/** Waiting changes nothing and keeps the engine idle, so it takes no place among what works. */
export function isWait({ kind }: Operation): boolean {
  return kind === 'awaitHealthy' || kind === 'awaitCompleted';
}

/** Our own changes are seen by the next look, whether or not the engine has told of them by then. */
function forgetTarget(operation: Operation, { informer, lists, resolve }: OperationContext): void {
  const target = targetOf(operation);
  if (target !== null && !isWait(operation)) informer.invalidate(resolve(target).id);
  const { kind } = operation;
  if (kind === 'createNetwork' || kind === 'removeNetwork') lists.touchResources('network');
  if (kind === 'createVolume' || kind === 'removeVolume') lists.touchResources('volume');
}
