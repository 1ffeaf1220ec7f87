import type { DesiredService } from '../model/desired.ts';

/** A definition as whatever release recorded it. */
export type RecordedDefinition = Omit<DesiredService, 'reactions'> &
  Partial<Pick<DesiredService, 'reactions'>>;

/** Adds what an earlier release could not say yet, so that a version which it recorded can still be returned to. */
export function completeDefinition(recorded: RecordedDefinition): DesiredService {
  return { ...recorded, reactions: recorded.reactions ?? {} };
}
