import { Show, type JSX } from 'solid-js';
import { isConnected } from './live.ts';
import { picture } from './polled.ts';
import { Ago, now } from './time.tsx';

const staleAfterMs = 40_000;

/** How old what is shown is, and whether the daemon is heard of. */
export function Picture(): JSX.Element {
  return (
    <p class="picture" role="status" classList={{ lost: picture.trouble() !== null || isStale() }}>
      <Show
        when={picture.trouble()}
        fallback={<Show when={picture.heardAt()}>{isConnected() ? 'Live' : 'Asking every 3 s'}</Show>}
      >
        {(trouble) => (
          <>
            ⚠ {trouble()} What you see is from <Ago at={picture.heardAt()} />.
          </>
        )}
      </Show>
    </p>
  );
}

function isStale(): boolean {
  return now() - (picture.heardAt() ?? now()) > staleAfterMs;
}
