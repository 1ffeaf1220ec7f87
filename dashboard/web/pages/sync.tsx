import { A, useParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { SyncBody } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { PlanView } from '../plan-view.tsx';
import { createPolled } from '../polled.ts';
import { Failure, Problems } from '../problems.tsx';
import { OutcomeMark } from '../states.tsx';
import { Ago, formatDuration } from '../time.tsx';
import { CommitLine } from '../values.tsx';

/** One attempt: the plan as it was, and each step of it. */
export function Sync(): JSX.Element {
  const params = useParams<{ id: string }>();
  const sync = createPolled<SyncBody>(() => {
    const path = `/api/syncs/${encodeURIComponent(params.id)}`;
    return () => ask('sync', path);
  });
  return (
    <Answer of={sync}>
      {(body) => (
        <>
          <h1>
            <A href={`/stacks/${body().state.stack}`}>{body().state.stack}</A>, attempt {body().state.id}
          </h1>
          <p class="state">
            <OutcomeMark outcome={body().state.outcome} /> {body().state.summary} Begun{' '}
            <Ago at={body().state.startedAt} /> by {body().state.trigger}
            <Show when={body().state.finishedAt}>
              {(end) => <>, took {formatDuration(end() - body().state.startedAt)}</>}
            </Show>
            <Show when={body().state.to}>
              {(commit) => (
                <>
                  , for <CommitLine commit={commit()} />
                </>
              )}
            </Show>
          </p>
          <Show when={body().state.error?.message !== body().state.summary}>
            <Failure of={body().state.error} />
          </Show>
          <Problems of={body().problems} />
          <Show when={body().plan}>{(plan) => <PlanView plan={plan()} />}</Show>
          <Show when={body().events.length > 0}>
            <h2>As it happened</h2>
            <ol class="events">
              <For each={body().events}>
                {(event) => (
                  <li>
                    <time>{new Date(event.at).toLocaleTimeString()}</time> <b>{event.step}</b>{' '}
                    {said(event.kind)} {event.message}
                  </li>
                )}
              </For>
            </ol>
          </Show>
        </>
      )}
    </Answer>
  );
}

const words: Readonly<Record<string, string>> = {
  stepStarted: 'began',
  stepProgress: '…',
  stepSucceeded: 'succeeded',
  stepFailed: 'failed:',
  stepSkipped: 'was skipped:',
};

function said(kind: string): string {
  return words[kind] ?? kind;
}
