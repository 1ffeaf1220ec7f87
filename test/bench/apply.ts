import type { Bench } from './context.ts';
import { figure, time, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';
import { createRawFleet, removeRawFleet } from './raw-fleet.ts';

const size = 50;
const runs = 3;

/** From nothing to fifty that run, on one network. */
export async function benchApply(bench: Bench): Promise<readonly Figure[]> {
  const { raw, compose, image, say } = bench;
  const [byHand, byCompose, byUs]: [number[], number[], number[]] = [[], [], []];
  for (let run = 1; run <= runs; run += 1) {
    say(`first apply of ${size}, ${run} of ${runs}`);
    const fleet = fleetOf(size, { image, stack: `first-${run}` });
    byHand.push(await time(() => createRawFleet(raw, fleet)));
    await removeRawFleet(raw, fleet);
    if (compose !== null) {
      byCompose.push(await time(() => compose.up(fleet)));
      await compose.down(fleet);
    }
    const resident = await bench.resident(`apply-${run}`);
    resident.repository.commit(fleetManifests(fleet));
    byUs.push(await time(() => resident.follow()));
    await resident.end();
  }
  return [
    figure(`first apply of ${size}`, byUs, {
      beside: [
        { what: 'the raw calls, 8 at once', runs: byHand, goal: 1.1 },
        { what: 'compose up', runs: byCompose, goal: 1.05 },
      ],
    }),
  ];
}
