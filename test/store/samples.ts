import type { Change } from '../../reconciler/model/change.ts';
import type { Commit } from '../../reconciler/model/event.ts';
import type { DesiredService } from '../../reconciler/model/desired.ts';
import { name, revision, specHash, type Name } from '../../reconciler/model/ids.ts';
import type { Plan, Step } from '../../reconciler/model/plan.ts';
import type { SyncBegin, SyncFinish } from '../../reconciler/model/ports.ts';

let stacks = 0;

/** A name that no other test of the file uses. */
export function freshStack(prefix = 'stack'): Name {
  stacks += 1;
  return name(`${prefix}-${stacks}`);
}

export function sampleCommit(message = 'A newer image'): Commit {
  return {
    revision: revision('0123456789'.repeat(4)),
    author: 'Ada <ada@example.org>',
    message,
    committedAt: 1_700_000_000_123,
  };
}

export function sampleBegin(stack: Name, at = 1_000): SyncBegin {
  return { stack, trigger: 'poll', from: null, to: sampleCommit(), at };
}

export function sampleFinish(finish: Partial<SyncFinish> = {}): SyncFinish {
  return {
    outcome: 'succeeded',
    summary: 'All is well.',
    error: null,
    problems: [],
    steps: [],
    to: sampleCommit(),
    at: 2_000,
    ...finish,
  };
}

/** A plan that restarts the services, one step each, and leaves one other as it is. */
export function samplePlan(stack: Name, services: readonly string[]): Plan {
  return {
    format: 1,
    stack,
    engine: name('default'),
    revision: revision('0123456789'.repeat(4)),
    changes: services.map(sampleChange),
    findings: [
      {
        code: 'DS102',
        level: 'warn',
        resource: { kind: 'volume', name: name('data') },
        message: 'The volume data is removed.',
        remedy: 'Keep it.',
      },
    ],
    decisions: [
      ...services.map((service) => ({
        resource: { kind: 'service' as const, service: name(service) },
        verdict: 'recreate' as const,
        because: 'image changed a:1 -> a:2',
        downtime: { expected: true, reason: 'it has a fixed host port' },
      })),
      {
        resource: { kind: 'service', service: name('bystander') },
        verdict: 'unchanged',
        because: 'nothing changed',
        downtime: { expected: false, reason: '' },
      },
    ],
    steps: services.map(sampleStep),
  };
}

function sampleChange(service: string): Change {
  return {
    kind: 'modify',
    resource: { kind: 'instance', service: name(service), instance: 1 },
    class: 'recreate',
    cause: { kind: 'commit' },
    path: 'image',
    from: 'a:1',
    to: 'a:2',
  };
}

function sampleStep(service: string): Step {
  return {
    id: `restart ${service}.1`,
    after: [],
    resource: { kind: 'instance', service: name(service), instance: 1 },
    operation: {
      kind: 'restartContainer',
      target: { kind: 'container', id: 'c0ffee', name: `shop-${service}-1` },
      graceMs: 10_000,
    },
    because: 'image changed a:1 -> a:2',
  };
}

export function sampleService(service: string): DesiredService {
  return {
    name: name(service),
    owner: null,
    replicas: 2,
    lifecycle: 'service',
    container: {
      image: 'acme/web:1.4.2',
      environment: { LOG_LEVEL: 'info', EMPTY: '', QUOTED: '"\\u0000"', EMOJI: '🚢' },
      cpus: 0.1,
      mem_limit: 9_007_199_254_740_991,
      platform: null,
    },
    hash: specHash(`v1:${'ab'.repeat(32)}`),
    reactions: {},
    pullPolicy: 'missing',
    dependsOn: [{ service: name('db'), condition: 'service_healthy', required: true, restart: false }],
    rollout: {
      strategy: 'auto',
      minHealthyTimeMs: 10_000,
      healthyDeadlineMs: 300_000,
      progressDeadlineMs: 600_000,
      autoRevert: true,
    },
    drift: { mode: 'heal', fields: {}, onStop: 'heal', ignore: ['labels.foo'] },
    origin: { file: 'stacks/shop/web.yaml', line: 1 },
  };
}
