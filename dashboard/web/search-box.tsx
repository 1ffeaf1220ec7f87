import { A, useNavigate } from '@solidjs/router';
import { createSignal, For, Show, type JSX } from 'solid-js';
import type { HitBody, SearchPage } from '../../reconciler/model/generated/api.ts';
import { ask } from './api.ts';

/** Finds stacks, services and attempts as one types. `/` comes here. */
export function SearchBox(): JSX.Element {
  const [found, setFound] = createSignal<SearchPage | null>(null);
  const navigate = useNavigate();
  const [wanted, setWanted] = createSignal('');
  const search = async (typed: string): Promise<void> => {
    setWanted(typed);
    const q = typed.trim();
    const answer = q === '' ? null : await ask('search', '/api/search', { q, limit: '8' }).catch(() => null);
    if (wanted() === typed) setFound(answer);
  };
  const leave = (): void => {
    setWanted('');
    setFound(null);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const [first] = found()?.items ?? [];
    if (first === undefined) return;
    navigate(placeOf(first));
    leave();
  };
  return (
    <form role="search" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && leave()}>
      <input
        id="search"
        value={wanted()}
        type="search"
        placeholder="Search  /"
        aria-label="Search stacks, services, images and attempts"
        autocomplete="off"
        onInput={(event) => void search(event.currentTarget.value)}
      />
      <Show when={found()}>
        {(page) => (
          <ul class="hits">
            <For each={page().items} fallback={<li>Nothing of that name.</li>}>
              {(hit) => (
                <li>
                  <A href={placeOf(hit)} onClick={leave}>
                    <b>
                      {hit.sync === null
                        ? [hit.stack, hit.service].filter(Boolean).join(' / ')
                        : `#${hit.sync}`}
                    </b>{' '}
                    {hit.text}
                  </A>
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
    </form>
  );
}

function placeOf({ stack, service, sync }: HitBody): string {
  if (sync !== null) return `/syncs/${sync}`;
  return service === null ? `/stacks/${stack}` : `/stacks/${stack}/${service}`;
}
