import { isSyncError } from '../model/error.ts';
import type { StepResult, SyncEvent } from '../model/event.ts';
import type { Plan, Step } from '../model/plan.ts';
import { isWait } from './operations.ts';

export interface WalkOptions {
  /** How many steps that work may be under way at once; those that wait do not count. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly run: (step: Step, progress: (message: string) => void) => Promise<StepResult>;
  /** Nobody listens any more: ends the steps that only wait. */
  readonly endWaits: () => void;
}

/**
 * Walks the plan's graph and decides nothing: a step begins when all that it comes after have succeeded and there is a
 * place for it; what a failed one blocks is skipped; the rest goes on. After an abort nothing is begun any more. Events
 * come in the order in which things happened.
 */
export async function* applyPlan({ steps }: Plan, options: WalkOptions): AsyncIterable<SyncEvent> {
  const walk = new PlanWalk(steps, options);
  try {
    for (;;) {
      walk.advance();
      yield* walk.takeEvents();
      if (walk.isOver()) return;
      await walk.change();
    }
  } finally {
    // Whoever stops listening still gets a walk that leaves nothing running behind.
    await walk.close();
  }
}

class PlanWalk {
  readonly #options: WalkOptions;
  readonly #waiting: Map<string, Step>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #succeeded = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #events: SyncEvent[] = [];
  #places: number;
  #isClosed = false;
  #bug: unknown = null;
  #hasChanged = false;
  #ring: () => void = () => undefined;

  constructor(steps: readonly Step[], options: WalkOptions) {
    this.#options = options;
    this.#waiting = new Map(steps.map((step) => [step.id, step]));
    this.#places = options.concurrency;
  }

  /** Begins what can begin and skips what never will. */
  advance(): void {
    this.#hasChanged = false;
    for (const step of this.#waiting.values()) {
      const blocker = step.after.find((id) => this.#lost.has(id));
      if (blocker !== undefined) this.#skip(step, `\`${blocker}\` did not succeed`);
      else if (this.#mustEnd()) this.#skip(step, 'the sync was cancelled');
      else if (this.#canBegin(step)) this.#begin(step);
    }
    if (this.#running.size > 0 || this.#waiting.size === 0) return;
    throw new TypeError(`the plan has steps that can never begin: ${[...this.#waiting.keys()].join(', ')}`);
  }

  *takeEvents(): Iterable<SyncEvent> {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event;
  }

  /** Throws the mistake of ours that a step met, once nothing runs any more. */
  isOver(): boolean {
    if (this.#running.size > 0 || this.#events.length > 0) return false;
    if (this.#bug !== null) throw this.#bug;
    return this.#waiting.size === 0;
  }

  /** Resolves when something was said or has ended since `advance`, which may be at once. */
  async change(): Promise<void> {
    if (this.#hasChanged) return;
    await new Promise<void>((resolve) => {
      this.#ring = resolve;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#running.size > 0) this.#options.endWaits();
    await Promise.all(this.#running.values());
  }

  #mustEnd(): boolean {
    return this.#isClosed || this.#options.signal.aborted || this.#bug !== null;
  }

  #canBegin({ after, operation }: Step): boolean {
    return after.every((id) => this.#succeeded.has(id)) && (this.#places > 0 || isWait(operation));
  }

  #begin(step: Step): void {
    const cost = isWait(step.operation) ? 0 : 1;
    this.#places -= cost;
    this.#waiting.delete(step.id);
    this.#say({ kind: 'stepStarted', at: Date.now(), step: step.id });
    const ended = this.#run(step).finally(() => {
      this.#places += cost;
      this.#running.delete(step.id);
      this.#wake();
    });
    this.#running.set(step.id, ended);
  }

  async #run(step: Step): Promise<void> {
    const { id } = step;
    try {
      const result = await this.#options.run(step, (message) =>
        this.#say({ kind: 'stepProgress', at: Date.now(), step: id, message }),
      );
      this.#succeeded.add(id);
      this.#say({ kind: 'stepSucceeded', at: Date.now(), step: id, result });
    } catch (error) {
      this.#lost.add(id);
      // The world fails with a SyncError; anything else is a mistake of ours, on which no later step may build.
      if (!isSyncError(error)) this.#bug ??= error;
      else {
        const { code, message, output } = error;
        this.#say({ kind: 'stepFailed', at: Date.now(), step: id, code, message, output });
      }
    }
  }

  #skip({ id }: Step, reason: string): void {
    this.#waiting.delete(id);
    this.#lost.add(id);
    this.#say({ kind: 'stepSkipped', at: Date.now(), step: id, reason });
  }

  #say(event: SyncEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  #wake(): void {
    this.#hasChanged = true;
    this.#ring();
  }
}
