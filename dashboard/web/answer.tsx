import { Show, type JSX } from 'solid-js';
import type { Polled } from './polled.ts';

interface AnswerProps<Body> {
  readonly of: Polled<Body>;
  readonly children: (body: () => Body) => JSX.Element;
}

/** What was asked for; or that it is awaited, or why there is none. */
export function Answer<Body>(props: AnswerProps<Body>): JSX.Element {
  return (
    <Show
      when={props.of.body()}
      fallback={
        <Show when={props.of.error()} fallback={<p class="waiting">Asking the daemon…</p>}>
          {(error) => (
            <div class="failure" role="alert">
              <h1>This cannot be shown</h1>
              <p>{error().message}</p>
            </div>
          )}
        </Show>
      }
    >
      {(body) => props.children(body)}
    </Show>
  );
}
