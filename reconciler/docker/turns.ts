/** One after the other, in the order in which they came. */
export interface Turns {
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(work) {
      const turn = last.then(work);
      // Who failed before is no concern of who comes next.
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
