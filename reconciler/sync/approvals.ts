import type { Name } from '../model/ids.ts';

/** Finding codes that a person accepted, each grant good for the next attempt of that stack only. */
export interface Approvals {
  grant(stack: Name, codes: readonly string[]): void;
  take(stack: Name): readonly string[];
}

export function createApprovals(): Approvals {
  const granted = new Map<Name, readonly string[]>();
  return {
    grant: (stack, codes) => void granted.set(stack, codes),
    take(stack) {
      const codes = granted.get(stack) ?? [];
      granted.delete(stack);
      return codes;
    },
  };
}
