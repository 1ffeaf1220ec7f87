import { useSearchParams } from '@solidjs/router';
import { Show, type JSX } from 'solid-js';
import type { ServicePage } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { Filter, Pager } from '../filter.tsx';
import { createPolled } from '../polled.ts';
import { ServiceTable } from '../service-table.tsx';

/** Every service of every stack, the ones that need somebody first. */
export function Services(): JSX.Element {
  const [query] = useSearchParams<{
    syncStatus?: string;
    health?: string;
    owner?: string;
    cursor?: string;
  }>();
  const services = createPolled<ServicePage>(() => {
    const { syncStatus, health, owner, cursor } = query;
    return () =>
      ask('services', '/api/services', {
        sort: 'attention',
        limit: '100',
        syncStatus,
        health,
        owner,
        cursor,
      });
  });
  return (
    <>
      <h1>Services</h1>
      <div class="filters">
        <Filter name="syncStatus" label="Sync" values={['synced', 'outOfSync', 'unknown']} />
        <Filter
          name="health"
          label="Health"
          values={['healthy', 'progressing', 'suspended', 'degraded', 'missing', 'unknown']}
        />
      </div>
      <Answer of={services}>
        {(page) => (
          <>
            <ServiceTable of={page().items} showsStack />
            <Show when={page().next !== null || query.cursor !== undefined}>
              <Pager next={page().next} />
            </Show>
          </>
        )}
      </Answer>
    </>
  );
}
