import { For, Show, type JSX } from 'solid-js';
import type { DeliveryPage, SystemBody } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { createPolled } from '../polled.ts';
import { Failure, Problems } from '../problems.tsx';
import { Ago } from '../time.tsx';
import { CommitLine } from '../values.tsx';

/** Plimsoll itself; what is unhealthy comes first. */
export function System(): JSX.Element {
  const system = createPolled<SystemBody>(() => () => ask('system', '/api/system'));
  const deliveries = createPolled<DeliveryPage>(
    () => () => ask('deliveries', '/api/deliveries', { limit: '30' }),
  );
  return (
    <Answer of={system}>
      {(body) => (
        <>
          <h1>System</h1>
          <p class="state">
            Plimsoll {body().version}, started <Ago at={body().startedAt} />
          </p>
          <h2>Engines</h2>
          <For each={body().engines}>
            {(engine) => (
              <section class="part">
                <h3>
                  {engine.engine} <code>{engine.host}</code>
                </h3>
                <Failure of={engine.error} />
                <p>
                  Docker {engine.version ?? '—'}, API {engine.apiVersion ?? '—'}, last seen{' '}
                  <Ago at={engine.seenAt} />
                </p>
              </section>
            )}
          </For>
          <h2>Sources</h2>
          <For each={body().sources}>
            {(source) => (
              <section class="part">
                <h3>{source.source}</h3>
                <Failure of={source.error} />
                <p>
                  {source.stacks} {source.stacks === 1 ? 'stack' : 'stacks'}, checked{' '}
                  <Ago at={source.checkedAt} />
                  <Show when={source.commit}>
                    {(commit) => (
                      <>
                        , at <CommitLine commit={commit()} />
                      </>
                    )}
                  </Show>
                </p>
                <Problems of={source.problems} />
              </section>
            )}
          </For>
          <h2>Webhook deliveries</h2>
          <Answer of={deliveries}>{(page) => <DeliveryTable of={page().items} />}</Answer>
        </>
      )}
    </Answer>
  );
}

function DeliveryTable(props: { readonly of: DeliveryPage['items'] }): JSX.Element {
  return (
    <Show when={props.of.length > 0} fallback={<p>None came.</p>}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Receiver</th>
            <th scope="col">What</th>
            <th scope="col">Result</th>
            <th scope="col">Why</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.of}>
            {(delivery) => (
              <tr>
                <th scope="row">
                  <Ago at={delivery.receivedAt} />
                </th>
                <td>{delivery.receiver}</td>
                <td>{delivery.hint || delivery.event}</td>
                <td class={`result-${delivery.result}`}>
                  {delivery.result ?? 'under way'}
                  <Show when={delivery.repeats > 0}> and {delivery.repeats} more</Show>
                </td>
                <td>{delivery.reason}</td>
                <td>
                  <code>{delivery.sender}</code>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  );
}
