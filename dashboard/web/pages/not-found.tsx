import { A } from '@solidjs/router';
import type { JSX } from 'solid-js';

export function NotFound(): JSX.Element {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <A href="/">All stacks</A>, or search for it.
      </p>
    </>
  );
}
