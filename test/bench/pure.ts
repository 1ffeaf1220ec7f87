import { builtInDefaults } from '../../reconciler/manifest/defaults.ts';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import type { ObservedImage, ObservedState } from '../../reconciler/model/observed.ts';
import type { SourceTree } from '../../reconciler/model/ports.ts';
import { emptyImage } from '../../reconciler/plan/expected.ts';
import { planStack, type PlanInput } from '../../reconciler/plan/plan.ts';
import { simulatePlan } from '../../reconciler/plan/simulate.ts';
import { loadTree, type ParseCache } from '../../reconciler/sync/load.ts';
import type { Bench } from './context.ts';
import { figure, time, times, type Figure } from './figure.ts';
import { fleetManifests, fleetOf } from './fleet.ts';

const stackCount = 100;
const servicesInEach = 100;
const coldRuns = 3;
const warmRuns = 15;
const size = stackCount * servicesInEach;

/** What thinking costs without Docker: ten thousand services read, resolved and compared with a simulated engine. */
export async function benchPure(bench: Bench): Promise<readonly Figure[]> {
  bench.say(`reading and comparing ${size} services`);
  const files = manyManifests(bench.image);
  const cache: ParseCache = new Map();
  const stacks = await resolveAll(files, cache);
  const observed = runAll(bench.image, stacks);
  const compare = (desired: readonly DesiredStack[]): void => compareAll(desired, observed);
  compare(stacks);

  const cold: number[] = [];
  for (let run = 0; run < coldRuns; run += 1) {
    cold.push(await time(async () => compare(await resolveAll(files, new Map()))));
  }
  const warm = await times(warmRuns, async () => compare(stacks));
  const [path = '', first = { id: '', text: '' }] = [...files][0] ?? [];
  let release = 1;
  const changed = await times(warmRuns, async () => {
    release += 1;
    const text = first.text.replace('"RELEASE": "1"', `"RELEASE": "${release}"`);
    files.set(path, { id: `${path} ${release}`, text });
    await resolveAll(files, cache);
  });
  const list = await listOf(bench);
  const parse = await times(warmRuns, async () => JSON.parse(list));
  return [
    figure(`compare ${size} services, nothing changed`, warm, {
      beside: [{ what: `JSON.parse of a raw list of ${size}`, runs: parse, goal: 2.1 }],
      note: 'the goal is 1.5 times 69 ms where such a list parses in 49 ms',
    }),
    figure(`read a commit that changed one of ${size} manifests`, changed, {
      beside: [{ what: 'comparing them', runs: warm, goal: 1.2 }],
    }),
    figure(`read, resolve and compare ${size} services for the first time`, cold, {
      beside: [{ what: 'comparing them', runs: warm, goal: null }],
    }),
  ];
}

/** What Git would have: an id that is another for other contents. */
interface Blob {
  readonly id: string;
  readonly text: string;
}

function manyManifests(image: string): Map<string, Blob> {
  const fleets = Array.from({ length: stackCount }, (_, index) =>
    fleetOf(servicesInEach, { image, stack: `pure-${index + 1}` }),
  );
  const manifests = fleets.flatMap((fleet) => Object.entries(fleetManifests(fleet)));
  return new Map(manifests.map(([path, text]) => [path, { id: path, text }]));
}

async function resolveAll(
  files: ReadonlyMap<string, Blob>,
  cache: ParseCache,
): Promise<readonly DesiredStack[]> {
  const blobs = new Map([...files.values()].map(({ id, text }) => [id, text]));
  const tree: SourceTree = {
    files: [...files].map(([path, { id }]) => ({ path, id, kind: 'file' })),
    problems: [],
    readBlob: async (id) => Buffer.from(blobs.get(id) ?? ''),
  };
  const { stacks } = await loadTree(tree, { defaults: builtInDefaults, cache });
  return stacks.flatMap(({ stack }) => stack ?? []);
}

/** Lets a simulated engine carry every first plan out, stack by stack. */
function runAll(image: string, stacks: readonly DesiredStack[]): ObservedState {
  const known: ObservedImage = {
    id: `sha256:${'0'.repeat(64)}`,
    taggedAt: null,
    repoDigests: [],
    config: emptyImage,
  };
  const empty: ObservedState = {
    at: 0,
    engine: {
      id: 'simulated',
      version: '28.5.2',
      apiVersion: '1.51',
      os: 'linux',
      architecture: 'amd64',
      defaults: { loggingDriver: 'json-file', runtime: 'runc', init: false, cgroup: 'host' },
      unsupported: [],
    },
    containers: [],
    strangers: [],
    unread: [],
    networks: [],
    volumes: [],
    images: { [image]: known },
    imagesById: { [known.id]: known },
    registryDigests: {},
    events: [],
  };
  const parts = stacks.map((desired) => simulatePlan(empty, planOf(desired, empty)).observed);
  // Each simulated engine counts from the beginning; together they need ids of their own.
  return {
    ...empty,
    containers: parts.flatMap(({ containers }, part) => containers.map(withId(part))),
    networks: parts.flatMap(({ networks }, part) => networks.map(withId(part))),
  };
}

function withId(part: number): <Thing extends { readonly id: string }>(thing: Thing) => Thing {
  return (thing) => Object.assign({}, thing, { id: `${part}-${thing.id}` });
}

/** Throws when anything differs: then the measurement would be of something else. */
function compareAll(stacks: readonly DesiredStack[], observed: ObservedState): void {
  for (const desired of stacks) {
    const { steps } = planOf(desired, observed);
    if (steps.length > 0) throw new Error(`${desired.name} should have nothing to do: ${steps[0]?.id}`);
  }
}

function planOf(desired: DesiredStack, observed: ObservedState): ReturnType<typeof planStack> {
  const input: PlanInput = {
    desired,
    observed,
    inventory: [],
    complete: true,
    drift: { open: [], heals: [], reached: new Set() },
    policy: { allow: [], hostPaths: [], capabilities: [], registries: null },
    takeover: null,
    holds: [],
    stable: [],
    revision: null,
    approvals: [],
    now: 0,
  };
  return planStack(input);
}

/** As long a list as an engine with so many containers would send. */
async function listOf({ raw, image }: Bench): Promise<string> {
  const container = { Image: image, Labels: { 'bench.service': 'one', 'bench.stack': 'pure' } };
  await raw.ask('POST', '/containers/create?name=pure-one', container);
  const listed = (await raw.ask('GET', '/containers/json?all=1')) as readonly {
    readonly Names: readonly string[];
  }[];
  await raw.ask('DELETE', '/containers/pure-one');
  const one = JSON.stringify(listed.find(({ Names }) => Names.includes('/pure-one')));
  return `[${Array.from({ length: size }, () => one).join(',')}]`;
}
