import type { EngineBody, SourceBody, SystemBody } from '../../reconciler/model/generated/api.ts';
import type { World } from '../../reconciler/sync/world.ts';
import type { Reading } from './reading.ts';

/** Plimsoll itself; what is unhealthy comes first. */
export function readSystem({ world, version, startedAt }: Reading): SystemBody {
  return {
    at: world.clock.now(),
    version,
    startedAt,
    engines: failedFirst(enginesOf(world)),
    sources: failedFirst(sourcesOf(world)),
  };
}

function enginesOf(world: World): readonly EngineBody[] {
  return world.engines.checks().map(({ engine, host, info, lastSeenAt, error }) => ({
    engine,
    host,
    version: info?.version ?? null,
    apiVersion: info?.apiVersion ?? null,
    error: error === null ? null : { code: error.code, message: error.message },
    seenAt: lastSeenAt,
  }));
}

function sourcesOf(world: World): readonly SourceBody[] {
  const checks = new Map(world.views.checks().map((check) => [check.source, check]));
  return world.sources.map(({ source: { name } }) => {
    const view = world.views.get(name);
    const check = checks.get(name);
    return {
      source: name,
      commit: view === null ? null : { ...view.commit },
      checkedAt: check?.at ?? null,
      error: check?.error ?? null,
      problems: [...(view?.problems ?? [])],
      stacks: view?.stacks.size ?? 0,
    };
  });
}

/** Otherwise in the order of the operator's file. */
function failedFirst<Item extends { readonly error: unknown }>(items: readonly Item[]): Item[] {
  return [...items.filter(({ error }) => error !== null), ...items.filter(({ error }) => error === null)];
}
