import { A, useSearchParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { OverviewBody, StackPage, StackStateBody } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { Filter, Pager } from '../filter.tsx';
import { createPolled } from '../polled.ts';
import { HealthMark, SyncMark } from '../states.tsx';
import { Ago } from '../time.tsx';
import { shortRevision } from '../values.tsx';

/** "Is what runs what we committed?", and every stack. */
export function Overview(): JSX.Element {
  const [query] = useSearchParams<{
    syncStatus?: string;
    health?: string;
    source?: string;
    cursor?: string;
  }>();
  const overview = createPolled<OverviewBody>(() => () => ask('overview', '/api/overview'));
  const stacks = createPolled<StackPage>(() => {
    const { syncStatus, health, source, cursor } = query;
    return () =>
      ask('stacks', '/api/stacks', { sort: 'attention', limit: '100', syncStatus, health, source, cursor });
  });
  return (
    <>
      <Answer of={overview}>{(body) => <Truth of={body()} />}</Answer>
      <div class="filters">
        <Filter name="syncStatus" label="Sync" values={['synced', 'outOfSync', 'unknown']} />
        <Filter
          name="health"
          label="Health"
          values={['healthy', 'progressing', 'suspended', 'degraded', 'missing', 'unknown']}
        />
        <Filter
          name="source"
          label="Source"
          values={overview.body()?.sources.map(({ source }) => source) ?? []}
        />
      </div>
      <Answer of={stacks}>{(page) => <StackTable of={page()} />}</Answer>
    </>
  );
}

function Truth(props: { readonly of: OverviewBody }): JSX.Element {
  const off = (): number => props.of.services - props.of.synced;
  const heads = (): string =>
    props.of.sources.map(({ source, revision }) => `${source}@${shortRevision(revision)}`).join(', ');
  return (
    <h1 class="truth" classList={{ off: off() > 0 || props.of.unhealthy > 0 }}>
      <Show
        when={off() > 0}
        fallback={
          <>
            All {props.of.services} services match <code>{heads()}</code>
            <Show when={props.of.unhealthy > 0}>, but {props.of.unhealthy} do not run well</Show>
          </>
        }
      >
        {props.of.outOfSync} of {props.of.services} services are not as <code>{heads()}</code> has them
        <Show when={props.of.unknown > 0}>; of {props.of.unknown} nobody can say</Show>
      </Show>
      <small>
        {' '}
        checked <Ago at={props.of.checkedAt} />
      </small>
    </h1>
  );
}

function StackTable(props: { readonly of: StackPage }): JSX.Element {
  return (
    <>
      <table>
        <caption>
          {props.of.total} {props.of.total === 1 ? 'stack' : 'stacks'}
        </caption>
        <thead>
          <tr>
            <th scope="col">Stack</th>
            <th scope="col">Sync</th>
            <th scope="col">Health</th>
            <th scope="col">Services</th>
            <th scope="col">Commit</th>
            <th scope="col">Since</th>
            <th scope="col">Checked</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          <For
            each={props.of.items}
            fallback={
              <tr>
                <td colspan="8">No stack is like that.</td>
              </tr>
            }
          >
            {(state) => <StackRow of={state} />}
          </For>
        </tbody>
      </table>
      <Show when={props.of.next !== null || (props.of.total ?? 0) > props.of.items.length}>
        <Pager next={props.of.next} />
      </Show>
    </>
  );
}

function StackRow(props: { readonly of: StackStateBody }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <A href={`/stacks/${props.of.stack}`}>{props.of.stack}</A>
        <Show when={props.of.isRunning}>
          <span class="mark-busy"> ◐ syncing</span>
        </Show>
      </th>
      <td>
        <SyncMark status={props.of.syncStatus} />
      </td>
      <td>
        <HealthMark health={props.of.health} />
      </td>
      <td class="number">
        {props.of.servicesHealthy} / {props.of.services}
      </td>
      <td>
        <code title={props.of.revision ?? ''}>{shortRevision(props.of.revision)}</code>
      </td>
      <td>
        <Ago at={props.of.since} />
      </td>
      <td>
        <Ago at={props.of.lastCheckedAt} />
      </td>
      <td>
        <Show when={props.of.message !== ''}>
          <code>{props.of.reason}</code> {props.of.message}
        </Show>
      </td>
    </tr>
  );
}
