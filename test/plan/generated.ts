import * as fc from 'fast-check';
import type { ContainerIntent } from '../../reconciler/model/container.ts';
import type { DesiredService, DesiredStack } from '../../reconciler/model/desired.ts';
import { mountOf, network, port, service, stack, volume } from './world.ts';

/** Stacks of up to four services that lean on each other in every way that the planner knows. */
const names = ['app', 'base', 'cron', 'data'] as const;

interface Draw {
  readonly isPresent: boolean;
  readonly version: number;
  readonly replicas: number;
  readonly setting: string;
  readonly port: 'none' | 'fixed' | 'drawn';
  readonly storage: 'none' | 'volume' | 'readOnly' | 'anonymous';
  readonly memory: number | null;
  readonly hasCheck: boolean;
  readonly hasBack: boolean;
  readonly isJob: boolean;
  readonly strategy: DesiredService['rollout']['strategy'];
  readonly leansOn: readonly boolean[];
  readonly restartsWith: boolean;
  readonly borrows: boolean;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  isPresent: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  version: fc.integer({ min: 1, max: 2 }),
  replicas: fc.integer({ min: 0, max: 3 }),
  setting: fc.constantFrom('on', 'off'),
  port: fc.constantFrom('none', 'none', 'fixed', 'drawn'),
  storage: fc.constantFrom('none', 'none', 'volume', 'readOnly', 'anonymous'),
  memory: fc.constantFrom(null, 64 * 1024 * 1024, 128 * 1024 * 1024),
  hasCheck: fc.boolean(),
  hasBack: fc.boolean(),
  isJob: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  strategy: fc.constantFrom('auto', 'auto', 'rolling', 'recreate'),
  leansOn: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  restartsWith: fc.boolean(),
  borrows: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});

interface StackDraw {
  readonly services: readonly Draw[];
  /** Ports move from service to service between versions. */
  readonly shift: number;
  readonly networkLabel: string;
}

export const anyStack: fc.Arbitrary<DesiredStack> = fc
  .record({
    services: fc.array(draw, { minLength: 4, maxLength: 4 }),
    shift: fc.integer({ min: 0, max: 3 }),
    networkLabel: fc.constantFrom('one', 'one', 'two'),
  })
  .map(buildStack);

function buildStack({ services: draws, shift, networkLabel }: StackDraw): DesiredStack {
  const services: DesiredService[] = [];
  draws.forEach((drawn, index) => {
    if (drawn.isPresent) services.push(buildService(drawn, { index, shift, earlier: services }));
  });
  return stack(services, {
    networks: [network('default', { labels: { kind: networkLabel } }), network('back')],
    volumes: names.map((called) => volume(called)),
    sync: { maxPrune: { services: 100, percent: 100 } },
  });
}

interface Neighbourhood {
  readonly index: number;
  readonly shift: number;
  readonly earlier: readonly DesiredService[];
}

function buildService(drawn: Draw, { index, shift, earlier }: Neighbourhood): DesiredService {
  const called = names[index] ?? 'data';
  const lender = drawn.borrows
    ? earlier.find((other) => other.lifecycle === 'service' && other.replicas > 0)
    : undefined;
  const lends = lender !== undefined && lender.container.network_mode === 'networks';
  const isFixed = drawn.port === 'fixed' && !lends;
  const dependsOn = earlier
    .filter((_, position) => drawn.leansOn[position] === true)
    .map((other) => ({
      service: other.name,
      condition:
        other.lifecycle === 'job'
          ? ('service_completed_successfully' as const)
          : ('service_healthy' as const),
      restart: drawn.restartsWith,
    }));
  return service(called, {
    replicas: isFixed || drawn.isJob ? Math.min(1, drawn.replicas) : drawn.replicas,
    lifecycle: drawn.isJob ? 'job' : 'service',
    rollout: { strategy: drawn.strategy },
    dependsOn,
    container: {
      image: `acme/${called}:${drawn.version}`,
      environment: { SETTING: drawn.setting },
      mem_limit: drawn.memory,
      ...(drawn.hasCheck && { healthcheck: check }),
      ...(lends && { network_mode: `service:${lender.name}` }),
      ...(!lends && { network_mode: 'networks', networks: networksOf(called, drawn.hasBack) }),
      ...(isFixed && { ports: [port(String(8_000 + ((index + shift) % 4)))] }),
      ...(drawn.port === 'drawn' && !lends && { ports: [port('')] }),
      mounts: mountsOf(called, drawn.storage),
    },
  });
}

const check = {
  test: ['CMD', 'true'],
  interval: 5_000,
  timeout: 0,
  retries: 0,
  start_period: 0,
  start_interval: 0,
};

function networksOf(called: string, hasBack: boolean): NonNullable<ContainerIntent['networks']> {
  const attachment = { aliases: [called], ipv4_address: null, ipv6_address: null, link_local_ips: [] };
  return { shop_default: attachment, ...(hasBack && { shop_back: attachment }) };
}

function mountsOf(called: string, storage: Draw['storage']): NonNullable<ContainerIntent['mounts']> {
  switch (storage) {
    case 'none':
      return {};
    case 'volume':
      return { '/data': mountOf(called) };
    case 'readOnly':
      return { '/data': mountOf(called, { read_only: true }) };
    case 'anonymous':
      return { '/data': { type: 'volume', source: '', read_only: false, nocopy: false, subpath: '' } };
    default:
      return storage satisfies never;
  }
}
