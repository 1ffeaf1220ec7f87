import type { Bench } from './context.ts';
import { figure, times, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { plimsoll, runProgram } from './program.ts';

const runs = 7;
/** With the highest ratio to Compose that we want to see. */
const sizes = [
  { size: 50, goal: 1.5 },
  { size: 100, goal: 1.3 },
];

/** `plimsoll plan` as a person calls it, from the start of its process to its end, with nothing to do. */
export async function benchPlan(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { size, goal } of sizes) {
    bench.say(`one-shot plan of ${size}`);
    const fleet = fleetOf(size, { image: bench.image, stack: `planned-${size}` });
    const resident = await bench.resident(`plan-${size}`);
    resident.repository.commit(fleetManifests(fleet));
    await resident.follow();
    const config = await resident.leave();
    const byUs = await times(runs, () => runProgram(plimsoll('plan', '--config', config)));
    const lists = await times(runs, () => bench.raw.ask('GET', '/containers/json?all=1'));
    await resident.end();
    figures.push(
      figure(`one-shot plan of ${size}, nothing to do`, byUs, {
        beside: [
          { what: 'compose up', runs: await composeRuns(bench, size), goal },
          { what: 'one raw list', runs: lists, goal: null },
        ],
      }),
    );
  }
  return figures;
}

async function composeRuns({ compose, image }: Bench, size: number): Promise<readonly number[]> {
  if (compose === null) return [];
  const fleet = fleetOf(size, { image, stack: `planned-${size}` });
  await compose.up(fleet);
  const took = await times(runs, () => compose.up(fleet));
  await compose.down(fleet);
  return took;
}
