import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

const seeds = 120_000;

/** A failing seed is run alone with `simulate({ seed, daemons: 1 + (seed % 3), steps: 60 })`. */
test(
  `in ${seeds} interleavings of commits, looks, syncs, kills and lost hints nothing is lost and nothing runs twice`,
  { timeout: 300_000 },
  () => {
    const failures: string[] = [];
    for (let seed = 1; seed <= seeds && failures.length < 10; seed += 1) {
      const { broken } = simulate({ seed, daemons: 1 + (seed % 3), steps: 60 });
      if (broken.length > 0) failures.push(`seed ${seed}: ${broken.join('; ')}`);
    }
    expect(failures).toEqual([]);
  },
);
