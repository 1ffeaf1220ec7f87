import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Notice } from '../../reconciler/model/notice.ts';
import type { World } from '../../reconciler/sync/world.ts';

export interface Metrics {
  /** Counts what happened. */
  count(notice: Notice): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What Prometheus may scrape: what happened is counted as it is told, what is the case is read when it is asked for. */
export function createMetrics(world: World, version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counted = createCounters(registry);
  gaugeStates(registry, world);
  gaugeOutside(registry, world);
  const build = new Gauge({
    name: 'plimsoll_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version }, 1);
  return { count: counted, text: () => registry.metrics(), contentType: registry.contentType };
}

export function mountMetrics(server: FastifyInstance, metrics: Metrics): void {
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

function createCounters(registry: Registry): (notice: Notice) => void {
  const registers = [registry];
  const syncs = new Histogram({
    name: 'plimsoll_sync_duration_seconds',
    help: 'How long syncs took, by how they ended and what set them off.',
    labelNames: ['outcome', 'trigger'],
    buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 900],
    registers,
  });
  const deliveries = new Counter({
    name: 'plimsoll_webhook_deliveries_total',
    help: 'Webhook deliveries, by receiver and result.',
    labelNames: ['receiver', 'result'],
    registers,
  });
  const failures = new Counter({
    name: 'plimsoll_source_failures_total',
    help: 'Looks at a source that failed, by the code of the failure.',
    labelNames: ['source', 'code'],
    registers,
  });
  const troubles = new Counter({
    name: 'plimsoll_troubles_total',
    help: 'Failures of an engine or the store that a loop met and survived, by code.',
    labelNames: ['code'],
    registers,
  });
  return (notice) => {
    if (notice.kind === 'syncFinished') {
      const { outcome, trigger, durationMs } = notice;
      syncs.observe({ outcome, trigger }, durationMs / 1000);
    } else if (notice.kind === 'deliveryReceived') {
      deliveries.inc({ receiver: notice.receiver, result: notice.result }, notice.count);
    } else if (notice.kind === 'sourceFailed') {
      failures.inc({ source: notice.source, code: notice.code });
    } else if (notice.kind === 'trouble') {
      troubles.inc({ code: notice.code });
    }
  };
}

/** Services and stacks by what is the case with them. */
function gaugeStates(registry: Registry, { statuses }: World): void {
  const services = new Gauge({
    name: 'plimsoll_services',
    help: 'Services, by whether they are as Git has them and by health.',
    labelNames: ['sync_status', 'health'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { services: all } of statuses.all())
        for (const { syncStatus, health } of all) this.inc({ sync_status: syncStatus, health });
    },
  });
  const stacks = new Gauge({
    name: 'plimsoll_stack_synced',
    help: '1 for a stack that is as Git has it, 0 for one that is not, or of which nobody can say.',
    labelNames: ['stack', 'source'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { stack, source, syncStatus } of statuses.all())
        this.set({ stack, source }, syncStatus === 'synced' ? 1 : 0);
    },
  });
  const checks = new Gauge({
    name: 'plimsoll_stack_last_checked_timestamp_seconds',
    help: 'When a stack was last compared with what runs.',
    labelNames: ['stack'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { stack, lastCheckedAt } of statuses.all())
        if (lastCheckedAt !== null) this.set({ stack }, lastCheckedAt / 1000);
    },
  });
  for (const gauge of [services, stacks, checks]) gauge.reset();
}

/** Engines and sources, as the last look found them. */
function gaugeOutside(registry: Registry, { engines, views }: World): void {
  const registers = [registry];
  const up = new Gauge({
    name: 'plimsoll_engine_up',
    help: '1 while an engine answers.',
    labelNames: ['engine'],
    registers,
    collect() {
      for (const { engine, error, lastSeenAt } of engines.checks())
        this.set({ engine }, error === null && lastSeenAt !== null ? 1 : 0);
    },
  });
  const read = new Gauge({
    name: 'plimsoll_source_up',
    help: '1 while a source can be read.',
    labelNames: ['source'],
    registers,
    collect() {
      for (const { source, error } of views.checks()) this.set({ source }, error === null ? 1 : 0);
    },
  });
  const asked = new Gauge({
    name: 'plimsoll_source_last_checked_timestamp_seconds',
    help: 'When a source was last asked for its newest commit.',
    labelNames: ['source'],
    registers,
    collect() {
      for (const { source, at } of views.checks()) this.set({ source }, at / 1000);
    },
  });
  for (const gauge of [up, read, asked]) gauge.reset();
}
