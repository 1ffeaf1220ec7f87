import { useSearchParams } from '@solidjs/router';
import type { JSX } from 'solid-js';
import type { SyncPage } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { Filter, Pager } from '../filter.tsx';
import { createPolled } from '../polled.ts';
import { SyncTable } from '../sync-table.tsx';

const outcomes = [
  'succeeded',
  'failed',
  'partial',
  'waiting',
  'denied',
  'invalid',
  'unknown',
  'superseded',
  'unchanged',
];

/** Every attempt, newest first. */
export function History(): JSX.Element {
  const [query] = useSearchParams<{ stack?: string; service?: string; outcome?: string; cursor?: string }>();
  const syncs = createPolled<SyncPage>(() => {
    const { stack, service, outcome, cursor } = query;
    return () => ask('syncs', '/api/syncs', { stack, service, outcome, cursor });
  });
  return (
    <>
      <h1>History</h1>
      <div class="filters">
        <Filter name="outcome" label="Outcome" values={outcomes} />
      </div>
      <Answer of={syncs}>
        {(page) => (
          <>
            <SyncTable of={page().items} />
            <Pager next={page().next} />
          </>
        )}
      </Answer>
    </>
  );
}
