import { For, Show, type JSX } from 'solid-js';
import type { FailureBody, HoldBody, ProblemBody } from '../../reconciler/model/generated/api.ts';
import { Ago } from './time.tsx';

export function Problems(props: { readonly of: readonly ProblemBody[] }): JSX.Element {
  return (
    <Show when={props.of.length > 0}>
      <section class="failure" aria-label="Problems in the manifests">
        <h2>Nothing is changed while its manifests have problems</h2>
        <ul>
          <For each={props.of}>
            {({ file, line, column, path, message }) => (
              <li>
                <code>
                  {file}:{line}:{column} {path}
                </code>{' '}
                {message}
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}

export function Failure(props: { readonly of: FailureBody | null }): JSX.Element {
  return (
    <Show when={props.of}>
      {(failure) => (
        <p class="failure">
          <code>{failure().code}</code> {failure().message}
        </p>
      )}
    </Show>
  );
}

export function Holds(props: { readonly of: readonly HoldBody[] }): JSX.Element {
  return (
    <For each={props.of}>
      {({ kind, service, why, since, until }) => (
        <p class="hold">
          <b>{kind === 'freeze' ? 'Paused' : `${service} is held`}</b> since <Ago at={since} />
          <Show when={until}>{(end) => <> until {new Date(end()).toLocaleString()}</>}</Show>: {why}
        </p>
      )}
    </For>
  );
}
