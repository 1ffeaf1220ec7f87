import { A, useParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type {
  FieldBody,
  InstanceBody,
  ServiceBody,
  SyncPage,
} from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { createPolled } from '../polled.ts';
import { Failure, Holds } from '../problems.tsx';
import { HealthMark, SyncMark } from '../states.tsx';
import { SyncTable } from '../sync-table.tsx';
import { Ago } from '../time.tsx';
import { CommitLine, formatCause, formatClass, shortRevision, Value } from '../values.tsx';

/** One service: what should be beside what is, what differs first. */
export function Service(): JSX.Element {
  const params = useParams<{ stack: string; service: string }>();
  const service = createPolled<ServiceBody>(() => {
    const path = `/api/services/${encodeURIComponent(params.stack)}/${encodeURIComponent(params.service)}`;
    return () => ask('service', path);
  });
  const syncs = createPolled<SyncPage>(() => {
    const query = { stack: params.stack, service: params.service, limit: '20' };
    return () => ask('syncs', '/api/syncs', query);
  });
  return (
    <Answer of={service}>
      {(body) => (
        <>
          <h1>
            <A href={`/stacks/${body().state.stack}`}>{body().state.stack}</A> / {body().state.service}
          </h1>
          <p class="state">
            <SyncMark status={body().state.syncStatus} /> <HealthMark health={body().state.health} />{' '}
            {body().state.ready} of {body().state.replicas} ready, checked <Ago at={body().state.checkedAt} />
            <Show when={body().state.owner}>{(owner) => <>, owned by {owner()}</>}</Show>
          </p>
          <Failure of={body().unseen} />
          <Holds of={body().holds} />
          <h2>What differs</h2>
          <Show when={body().differs.length > 0} fallback={<p>Nothing: what runs is what Git has.</p>}>
            <Differences of={body().differs} />
          </Show>
          <h2>Instances</h2>
          <Instances of={body().instances} />
          <h2>Desired</h2>
          <p>
            <code>{body().file ?? '—'}</code>{' '}
            <Show when={body().commit}>{(commit) => <CommitLine commit={commit()} />}</Show>
          </p>
          <Desired of={body().desired} />
          <h2>What was done</h2>
          <Answer of={syncs}>{(page) => <SyncTable of={page().items} />}</Answer>
        </>
      )}
    </Answer>
  );
}

function Differences(props: { readonly of: readonly FieldBody[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Should be</th>
          <th scope="col">Is</th>
          <th scope="col">Why</th>
          <th scope="col">Healed</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(field) => (
            <tr>
              <th scope="row">
                <code>{field.path}</code>
              </th>
              <td>
                <Value of={field.desired} />
              </td>
              <td>
                <For each={field.observed}>
                  {({ instance, value }) => (
                    <div>
                      <Value of={value} /> <small>{instance}</small>
                    </div>
                  )}
                </For>
              </td>
              <td>{formatCause(field.cause)}</td>
              <td>{formatClass(field.class)}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

function Instances(props: { readonly of: readonly InstanceBody[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Container</th>
          <th scope="col">State</th>
          <th scope="col">Health</th>
          <th scope="col">Up</th>
          <th scope="col">Restarts</th>
          <th scope="col">Image</th>
          <th scope="col">Commit</th>
        </tr>
      </thead>
      <tbody>
        <For
          each={props.of}
          fallback={
            <tr>
              <td colspan="7">No container.</td>
            </tr>
          }
        >
          {(instance) => (
            <tr>
              <th scope="row">
                {instance.name} <small title={instance.id}>{instance.id.slice(0, 12)}</small>
              </th>
              <td>
                {instance.state}
                <Show when={instance.exitCode !== null}> with {instance.exitCode}</Show>
              </td>
              <td>{instance.health}</td>
              <td>
                <Ago at={instance.startedAt} />
              </td>
              <td class="number">{instance.restarts}</td>
              <td>
                <code title={instance.digests[0] ?? instance.imageId}>{instance.image}</code>
              </td>
              <td>
                <code>{shortRevision(instance.revision)}</code>
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

function Desired(props: { readonly of: ServiceBody['desired'] }): JSX.Element {
  return (
    <dl class="desired">
      <For each={Object.entries(props.of)}>
        {([field, value]) => (
          <>
            <dt>
              <code>{field}</code>
            </dt>
            <dd>
              <Value of={value} />
            </dd>
          </>
        )}
      </For>
    </dl>
  );
}
