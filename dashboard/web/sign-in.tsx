import type { JSX } from 'solid-js';
import { signIn } from './api.ts';

/** For whoever looks from elsewhere than the daemon's host. */
export function SignIn(): JSX.Element {
  return (
    <form class="sign-in" onSubmit={submit}>
      <h1>Who looks?</h1>
      <p>
        From elsewhere than its own host this daemon wants a token: one of `dashboard.tokens` in its
        operator’s file.
      </p>
      <label>
        Token
        <input name="token" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit">Look</button>
    </form>
  );
}

function submit(event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void {
  event.preventDefault();
  const shown = new FormData(event.currentTarget).get('token');
  if (typeof shown === 'string') signIn(shown);
}
