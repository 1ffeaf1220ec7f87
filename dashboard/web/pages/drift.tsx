import { A, useSearchParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { DriftBody, DriftPage } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { createPolled } from '../polled.ts';
import { Ago, formatDuration } from '../time.tsx';
import { Value } from '../values.tsx';

/** What moved without a commit: what differs now, and how what is over ended. */
export function Drift(): JSX.Element {
  const [query] = useSearchParams<{ stack?: string; service?: string }>();
  const drifts = (state: 'open' | 'all') =>
    createPolled<DriftPage>(() => {
      const { stack, service } = query;
      return () => ask('drift', '/api/drift', { state, stack, service });
    });
  const open = drifts('open');
  const past = drifts('all');
  return (
    <>
      <h1>Drift</h1>
      <h2>Now</h2>
      <Answer of={open}>
        {(page) => <DriftTable of={page().items} showsEnd={false} none="Nothing moved without a commit." />}
      </Answer>
      <h2>Over</h2>
      <Answer of={past}>
        {(page) => <DriftTable of={page().items.filter(isOver)} showsEnd none="Nothing yet." />}
      </Answer>
    </>
  );
}

function isOver({ closedAt }: DriftBody): boolean {
  return closedAt !== null;
}

interface DriftTableProps {
  readonly of: readonly DriftBody[];
  readonly showsEnd: boolean;
  /** What is said where there is none. */
  readonly none: string;
}

function DriftTable(props: DriftTableProps): JSX.Element {
  return (
    <Show when={props.of.length > 0} fallback={<p>{props.none}</p>}>
      <table>
        <thead>
          <tr>
            <th scope="col">Since</th>
            <th scope="col">What</th>
            <th scope="col">Field</th>
            <th scope="col">Is</th>
            <th scope="col">Should be</th>
            <th scope="col">How</th>
            <Show when={props.showsEnd}>
              <th scope="col">End</th>
            </Show>
          </tr>
        </thead>
        <tbody>
          <For each={props.of}>
            {(drift) => (
              <tr>
                <th scope="row">
                  <Ago at={drift.openedAt} />
                </th>
                <td>
                  <A href={placeOf(drift)}>
                    {drift.stack} / {drift.resource}
                  </A>
                </td>
                <td>
                  <code>{drift.field}</code>
                </td>
                <td>
                  <Value of={drift.found} />
                </td>
                <td>
                  <Value of={drift.wanted} />
                </td>
                <td>{drift.because}</td>
                <Show when={props.showsEnd}>
                  <td>{endOf(drift)}</td>
                </Show>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  );
}

function placeOf({ stack, service }: DriftBody): string {
  return service === null ? `/stacks/${stack}` : `/stacks/${stack}/${service}`;
}

function endOf({ end, openedAt, closedAt }: DriftBody): string {
  return closedAt === null ? '' : `${end} after ${formatDuration(closedAt - openedAt)}`;
}
