import { A } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { ServiceStateBody } from '../../reconciler/model/generated/api.ts';
import { HealthMark, SyncMark } from './states.tsx';

interface ServiceTableProps {
  readonly of: readonly ServiceStateBody[];
  /** Where services of several stacks stand together. */
  readonly showsStack: boolean;
}

export function ServiceTable(props: ServiceTableProps): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">Sync</th>
          <th scope="col">Health</th>
          <th scope="col">Ready</th>
          <th scope="col">Image</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(state) => (
            <tr>
              <th scope="row">
                <Show when={props.showsStack}>
                  <A href={`/stacks/${state.stack}`}>{state.stack}</A> /{' '}
                </Show>
                <A href={`/stacks/${state.stack}/${state.service}`}>{state.service}</A>
              </th>
              <td>
                <SyncMark status={state.syncStatus} />
              </td>
              <td>
                <HealthMark health={state.health} />
              </td>
              <td class="number">
                {state.ready} / {state.replicas}
              </td>
              <td>
                <code>{state.image}</code>
              </td>
              <td>{state.because}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}
