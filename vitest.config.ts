import { defineConfig } from 'vitest/config';

/** Folders whose tests talk to a real Docker engine; everything else under test/ is a quick unit test. */
const engineTests = ['test/docker/**/*.test.ts', 'test/scenarios/**/*.test.ts', 'test/sync/**/*.test.ts'];

/** Real Postgres servers, one of each kind a run, a database a file; Redis servers, one a file. */
const storeTests = ['test/store/**/*.test.ts', 'test/queue/**/*.test.ts'];

/** Many short runs against a simulated engine, on a real database. */
const faultTests = ['test/faults/**/*.test.ts'];

/** Of those, the ones that hold the simulated engine to the real one. */
const simulatedTests = [
  'test/docker/observe.test.ts',
  'test/docker/await.test.ts',
  'test/docker/operations.test.ts',
  'test/docker/round-trip.test.ts',
  'test/scenarios/drift.test.ts',
  'test/scenarios/failing-rollout.test.ts',
  'test/scenarios/in-place.test.ts',
  'test/scenarios/remove.test.ts',
  'test/scenarios/replace.test.ts',
  'test/scale/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...engineTests, ...storeTests, ...faultTests, ...simulatedTests],
          pool: 'threads',
          // First, so that a slip shows in seconds.
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'store',
          include: storeTests,
          globalSetup: ['test/store/global-setup.ts'],
          pool: 'threads',
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engine',
          include: engineTests,
          globalSetup: ['test/support/global-setup.ts'],
          pool: 'forks',
          // Starting containers is bound by the engine's own processor time: more than two files at once only
          // stretches every deadline on a small machine.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: faultTests,
          globalSetup: ['test/store/global-setup.ts'],
          pool: 'forks',
          sequence: { groupOrder: 1 },
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'simulated',
          include: simulatedTests,
          globalSetup: ['test/support/simulated/global-setup.ts'],
          pool: 'forks',
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
