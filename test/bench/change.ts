import type { Bench } from './context.ts';
import { figure, time, type Figure } from './figure.ts';
import { watchGaps, type Gaps } from './gaps.ts';
import { keepByCompose, keepByHand, keepOurs, type Keeper } from './keeper.ts';
import { rawServiceLabel } from './raw-fleet.ts';

/** The port is below the range that an engine hands out by itself. */
const kept = { size: 50, port: 18_080 };
const oneRuns = 7;
const allRuns = 2;
const serviceLabels = ['dev.plimsoll.service', 'com.docker.compose.service', rawServiceLabel];

/** What a commit costs where fifty run: one that may overlap, one that holds a host port, all of them. */
export async function benchChange(bench: Bench): Promise<readonly Figure[]> {
  bench.say(`changing services of ${kept.size}`);
  const ours = await sampleKeeper(bench, await keepOurs(bench, kept));
  const byHand = await sampleKeeper(bench, await keepByHand(bench, kept));
  const compose = await sampleKeeper(bench, await keepByCompose(bench, kept));
  return [
    figure(`change one of ${kept.size}`, ours.one.took, {
      beside: [
        { what: 'the raw calls', runs: byHand.one.took, goal: null },
        { what: 'compose up', runs: compose.one.took, goal: 0.9 },
      ],
    }),
    figure('gap of one that may overlap', gapsOf(ours.one), {
      beside: [{ what: 'compose up', runs: gapsOf(compose.one), goal: null }],
      note: 'the goal is none at all',
    }),
    figure('gap of one with a fixed host port', gapsOf(ours.port), {
      beside: [
        { what: 'the raw calls, created before the stop', runs: gapsOf(byHand.port), goal: 1.05 },
        { what: 'compose up', runs: gapsOf(compose.port), goal: null },
      ],
    }),
    figure(`change all ${kept.size}`, ours.all.took, {
      beside: [
        { what: 'the raw calls, one by one', runs: byHand.all.took, goal: null },
        { what: 'compose up', runs: compose.all.took, goal: 1.1 },
      ],
    }),
    figure(`gap of a service when all ${kept.size} change`, gapsOf(ours.all), {
      beside: [{ what: 'compose up', runs: gapsOf(compose.all), goal: 1 / 15 }],
    }),
    figure(`longest gap when all ${kept.size} change`, longest(ours.all), {
      beside: [{ what: 'compose up', runs: longest(compose.all), goal: null }],
      note: `the median of ${allRuns} runs`,
    }),
  ];
}

interface Sample {
  readonly took: readonly number[];
  readonly gaps: readonly Gaps[];
}

interface Samples {
  readonly one: Sample;
  readonly port: Sample;
  readonly all: Sample;
}

const empty: Sample = { took: [], gaps: [] };

async function sampleKeeper(bench: Bench, keeper: Keeper | null): Promise<Samples> {
  if (keeper === null) return { one: empty, port: empty, all: empty };
  const { names } = keeper.fleet;
  const releases = new Map<string, number>();
  const sample = async (count: number, changed: readonly string[]): Promise<Sample> => {
    const took: number[] = [];
    const gaps: Gaps[] = [];
    for (let run = 0; run < count; run += 1) {
      for (const name of changed) releases.set(name, (releases.get(name) ?? 1) + 1);
      const version = { port: kept.port, releases: new Map(releases) };
      keeper.prepare(version);
      gaps.push(
        await watchGaps({ ...bench.watched, serviceLabels }, async () => {
          took.push(await time(() => keeper.change(version)));
        }),
      );
    }
    return { took, gaps };
  };
  const samples = {
    port: await sample(oneRuns, names.slice(0, 1)),
    one: await sample(oneRuns, names.slice(1, 2)),
    all: await sample(allRuns, names),
  };
  await keeper.end();
  return samples;
}

function gapsOf({ gaps }: Sample): readonly number[] {
  return gaps.flatMap((of) => [...of.values()]);
}

function longest({ gaps }: Sample): readonly number[] {
  return gaps.map((of) => Math.max(...of.values()));
}
