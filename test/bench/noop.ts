import type { Bench } from './context.ts';
import { figure, time, times, type Beside, type Figure } from './figure.ts';
import { fleetManifests, fleetOf, type Fleet } from './fleet.ts';
import type { Resident } from './resident.ts';

const looks = 30;
const composeLooks = 5;
const sizes = [1, 10, 100] as const;
/** More than a machine likes to keep running: jobs that have ended, which cost as much to look at. */
const endedSize = 500;
/** How a hundred services are spread, for us and once more for Compose. */
const stacksOfAHundred = 20;

/** What it costs to see that nothing is to be done, for a process that stays. */
export async function benchNoop(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await benchRunning(bench, size)));
  figures.push(...(await benchEnded(bench)));
  return figures;
}

async function benchRunning(bench: Bench, size: number): Promise<readonly Figure[]> {
  const name = `noop-${size}`;
  const compose = size === 100 ? await composeNoop(bench) : [];
  const fleets = size === 100 ? spread(bench, size) : [fleetOf(size, { image: bench.image, stack: name })];
  const resident = await bench.resident(name);
  bench.say(`looking at ${size} running`);
  resident.repository.commit(Object.assign({}, ...fleets.map((fleet) => fleetManifests(fleet))));
  await resident.follow();
  const figures = await measurePasses(bench, resident, { what: `${size} running`, compose });
  await resident.end();
  return figures;
}

async function benchEnded(bench: Bench): Promise<readonly Figure[]> {
  const fleet = fleetOf(endedSize, { image: bench.image, stack: 'ended' });
  const resident = await bench.resident('noop-ended');
  bench.say(`looking at ${endedSize} ended jobs`);
  resident.repository.commit(
    fleetManifests(fleet, { extra: { lifecycle: 'job', command: ['true'], network_mode: 'none' } }),
  );
  await resident.follow();
  const figures = await measurePasses(bench, resident, { what: `${endedSize} ended jobs`, compose: [] });
  await resident.end();
  return figures;
}

interface Passes {
  readonly what: string;
  readonly compose: readonly Beside[];
}

async function measurePasses(
  bench: Bench,
  resident: Resident,
  { what, compose }: Passes,
): Promise<readonly Figure[]> {
  const passes = await times(looks, () => resident.pass());
  const lists = await times(looks, () => bench.raw.ask('GET', '/containers/json?all=1'));
  const threeLists = await times(looks, () =>
    Promise.all(
      ['/containers/json?all=1', '/networks', '/volumes'].map((path) => bench.raw.ask('GET', path)),
    ),
  );
  const before = resident.callCount();
  await resident.pass();
  const isHundred = what.startsWith('100 ');
  return [
    figure(`resident no-op, ${what}`, passes, {
      beside: [
        { what: 'one raw list', runs: lists, goal: isHundred ? 1.5 : null },
        { what: 'the three raw lists at once', runs: threeLists, goal: null },
        ...compose,
      ],
    }),
    figure(`calls of a resident no-op, ${what}`, [resident.callCount() - before], {
      unit: 'calls',
      beside: [{ what: 'the most that we allow', runs: [3], goal: 1 }],
    }),
  ];
}

/** The same hundred as one project, and as many small ones, one after the other. */
async function composeNoop({ compose, image, say }: Bench): Promise<readonly Beside[]> {
  if (compose === null) return [];
  say('Compose looks at the same');
  const one = fleetOf(100, { image, stack: 'compose-one' });
  await compose.up(one);
  const asOne = await times(composeLooks, () => compose.up(one));
  await compose.down(one);
  const many = spread({ image }, 100, 'compose');
  for (const fleet of many) await compose.up(fleet);
  const asMany: number[] = [];
  for (let look = 0; look < composeLooks; look += 1) {
    asMany.push(await time(() => eachInTurn(many, (fleet) => compose.up(fleet))));
  }
  await eachInTurn(many, (fleet) => compose.down(fleet));
  return [
    { what: 'compose up, one project of 100', runs: asOne, goal: 0.1 },
    { what: `compose up, ${stacksOfAHundred} projects in turn`, runs: asMany, goal: 0.02 },
  ];
}

function spread({ image }: Pick<Bench, 'image'>, size: number, prefix = 'spread'): readonly Fleet[] {
  return Array.from({ length: stacksOfAHundred }, (_, index) =>
    fleetOf(size / stacksOfAHundred, { image, stack: `${prefix}-${index + 1}` }),
  );
}

async function eachInTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  for (const item of items) await work(item);
}
