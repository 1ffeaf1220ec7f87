import type { DesiredStack } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';

/** The steps of both engines in one order: what comes second waits for all of what comes first. */
export function arrangeMove(
  { services }: DesiredStack,
  own: readonly Step[],
  departures: readonly Step[],
): readonly Step[] {
  if (own.length === 0 || departures.length === 0) return own.concat(departures);
  const neverTwice = services.some(({ rollout }) => rollout.strategy === 'recreate');
  if (!neverTwice) return own.concat(allAfter(departures, own));
  // Every image is there before anything is stopped.
  const pulls = own.filter(isPull);
  const rest = own.filter((step) => !isPull(step));
  const going = allAfter(departures, pulls);
  return pulls.concat(going, allAfter(rest, going));
}

function isPull({ operation }: Step): boolean {
  return operation.kind === 'pullImage';
}

/** Those that wait for none of their own wait for the last before them: that is waiting for all. */
function allAfter(steps: readonly Step[], before: readonly Step[]): readonly Step[] {
  const own = new Set(steps.map(({ id }) => id));
  const awaited = new Set(before.flatMap(({ after }) => after));
  const last = before.map(({ id }) => id).filter((id) => !awaited.has(id));
  return steps.map((step) =>
    step.after.some((id) => own.has(id)) ? step : { ...step, after: [...new Set([...step.after, ...last])] },
  );
}
