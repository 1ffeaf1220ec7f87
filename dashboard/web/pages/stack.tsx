import { useParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { StackBody, SyncPage } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { PlanView } from '../plan-view.tsx';
import { createPolled } from '../polled.ts';
import { Failure, Holds, Problems } from '../problems.tsx';
import { ServiceTable } from '../service-table.tsx';
import { HealthMark, SyncMark } from '../states.tsx';
import { SyncTable } from '../sync-table.tsx';
import { Ago } from '../time.tsx';
import { CommitLine } from '../values.tsx';

/** One stack: its services, what a sync would do, and what was done. */
export function Stack(): JSX.Element {
  const params = useParams<{ stack: string }>();
  const stack = createPolled<StackBody>(() => {
    const path = `/api/stacks/${encodeURIComponent(params.stack)}`;
    return () => ask('stack', path);
  });
  const syncs = createPolled<SyncPage>(() => {
    const query = { stack: params.stack, limit: '10' };
    return () => ask('syncs', '/api/syncs', query);
  });
  return (
    <Answer of={stack}>
      {(body) => (
        <>
          <h1>{body().state.stack}</h1>
          <p class="state">
            <SyncMark status={body().state.syncStatus} /> <HealthMark health={body().state.health} /> on
            engine <code>{body().state.engine ?? '—'}</code>, checked <Ago at={body().state.lastCheckedAt} />
            <Show when={body().commit}>
              {(commit) => (
                <>
                  {' '}
                  against <CommitLine commit={commit()} />
                </>
              )}
            </Show>
          </p>
          <Failure of={body().unseen} />
          <Holds of={body().holds} />
          <Problems of={body().problems} />
          <ServiceTable of={body().services} showsStack={false} />
          <Relations of={body()} />
          <h2>What a sync would do now</h2>
          <Show when={body().plan} fallback={<p>That cannot be said now.</p>}>
            {(plan) => <PlanView plan={plan()} />}
          </Show>
          <h2>What was done</h2>
          <Answer of={syncs}>{(page) => <SyncTable of={page().items} />}</Answer>
        </>
      )}
    </Answer>
  );
}

function Relations(props: { readonly of: StackBody }): JSX.Element {
  return (
    <Show when={props.of.dependencies.length + props.of.networks.length > 0}>
      <h2>Who needs whom</h2>
      <ul>
        <For each={props.of.dependencies}>
          {({ service, on, condition }) => (
            <li>
              <b>{service}</b> waits for <b>{on}</b> <small>{condition.replaceAll('_', ' ')}</small>
            </li>
          )}
        </For>
        <For each={props.of.networks}>
          {({ network, services }) => (
            <li>
              network <b>{network}</b>: {services.join(', ') || 'nobody'}
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
