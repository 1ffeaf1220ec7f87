import { A } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { SyncStateBody } from '../../reconciler/model/generated/api.ts';
import { OutcomeMark } from './states.tsx';
import { Ago, formatDuration } from './time.tsx';
import { CommitLine } from './values.tsx';

export function SyncTable(props: { readonly of: readonly SyncStateBody[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Stack</th>
          <th scope="col">Outcome</th>
          <th scope="col">What</th>
          <th scope="col">Commit</th>
          <th scope="col">Trigger</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(sync) => (
            <tr>
              <th scope="row">
                <A href={`/syncs/${sync.id}`}>
                  <Ago at={sync.startedAt} />
                </A>
              </th>
              <td>
                <A href={`/stacks/${sync.stack}`}>{sync.stack}</A>
              </td>
              <td>
                <OutcomeMark outcome={sync.outcome} />
              </td>
              <td>{sync.error?.message ?? sync.summary}</td>
              <td>
                <Show when={sync.to}>{(commit) => <CommitLine commit={commit()} />}</Show>
              </td>
              <td>{sync.trigger}</td>
              <td class="number">
                {sync.finishedAt === null ? '' : formatDuration(sync.finishedAt - sync.startedAt)}
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}
