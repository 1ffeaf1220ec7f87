import type { SyncErrorCode } from './model/error.ts';
import type { SyncEvent } from './model/event.ts';
import type { Plan, Step } from './model/plan.ts';
import type { ApplyOptions, Engine } from './model/ports.ts';

export interface StandInOptions {
  /** Makes an image of this name on the engine. */
  readonly make: (image: string) => Promise<void>;
  readonly say: (line: string) => void;
}

/**
 * An engine for the examples: an image that cannot be pulled because no registry can be reached is replaced by a
 * stand-in of the same name before the plan begins, and said so. Real configurations never get this one.
 */
export function withStandIns(engine: Engine, options: StandInOptions): Engine {
  return {
    info: (signal) => engine.info(signal),
    observe: (request, signal) => engine.observe(request, signal),
    watch: (onHint, signal) => engine.watch(onHint, signal),
    changedFiles: (containerId, signal) => engine.changedFiles(containerId, signal),
    hearing: () => engine.hearing(),
    close: () => engine.close(),
    apply: (plan, applying) => applyWithStandIns(engine, plan, { ...applying, ...options }),
  };
}

async function* applyWithStandIns(
  engine: Engine,
  plan: Plan,
  { make, say, ...applying }: StandInOptions & ApplyOptions,
): AsyncIterable<SyncEvent> {
  for (const step of plan.steps) {
    if (step.operation.kind !== 'pullImage' || applying.signal.aborted) continue;
    const { image } = step.operation;
    for await (const event of engine.apply(onlyThis(plan, step), applying)) {
      if (event.kind === 'stepProgress') yield event;
      if (event.kind !== 'stepFailed' || !isOffline(event)) continue;
      say(`No registry can be reached for ${image}: a stand-in of that name is made from Debian's busybox.`);
      await make(image);
    }
  }
  yield* engine.apply(plan, applying);
}

function onlyThis(plan: Plan, step: Step): Plan {
  return { ...plan, steps: [{ ...step, after: [] }] };
}

function isOffline({ code }: { readonly code: SyncErrorCode }): boolean {
  return code === 'RegistryUnreachable' || code === 'EngineTimedOut';
}
