import { A, Route, Router } from '@solidjs/router';
import { createSignal, onCleanup, Show, type JSX, type ParentProps } from 'solid-js';
import { isSignedOut } from './api.ts';
import { Picture } from './picture.tsx';
import { SearchBox } from './search-box.tsx';
import { SignIn } from './sign-in.tsx';
import { Drift } from './pages/drift.tsx';
import { History } from './pages/history.tsx';
import { Overview } from './pages/overview.tsx';
import { NotFound } from './pages/not-found.tsx';
import { Reviews } from './pages/reviews.tsx';
import { Service } from './pages/service.tsx';
import { Services } from './pages/services.tsx';
import { Stack } from './pages/stack.tsx';
import { Sync } from './pages/sync.tsx';
import { System } from './pages/system.tsx';

/** The pages by their addresses. Whoever may not look is asked for a token instead. */
export function App(): JSX.Element {
  return (
    <Router root={Frame}>
      <Route path="/" component={Overview} />
      <Route path="/services" component={Services} />
      <Route path="/stacks/:stack" component={Stack} />
      <Route path="/stacks/:stack/:service" component={Service} />
      <Route path="/drift" component={Drift} />
      <Route path="/history" component={History} />
      <Route path="/reviews" component={Reviews} />
      <Route path="/syncs/:id" component={Sync} />
      <Route path="/system" component={System} />
      <Route path="*" component={NotFound} />
    </Router>
  );
}

/** `g` and a letter. */
const shortcuts: Readonly<Record<string, string>> = {
  d: '/drift',
  r: '/reviews',
  s: '/',
  v: '/services',
  h: '/history',
  y: '/system',
};

function Frame(props: ParentProps): JSX.Element {
  const [isGoing, setGoing] = createSignal(false);
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const place = isGoing() ? shortcuts[event.key] : undefined;
    setGoing(event.key === 'g');
    if (place !== undefined) document.querySelector<HTMLAnchorElement>(`nav a[href="${place}"]`)?.click();
    if (event.key !== '/') return;
    event.preventDefault();
    document.querySelector<HTMLInputElement>('#search')?.focus();
  };
  document.addEventListener('keydown', onKey);
  onCleanup(() => document.removeEventListener('keydown', onKey));
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header>
        <A href="/" class="mark" aria-label="Plimsoll, overview">
          <span aria-hidden="true">⊖</span> Plimsoll
        </A>
        <nav aria-label="Pages">
          <A href="/" end>
            Stacks
          </A>
          <A href="/services">Services</A>
          <A href="/drift">Drift</A>
          <A href="/history">History</A>
          <A href="/reviews">Reviews</A>
          <A href="/system">System</A>
        </nav>
        <SearchBox />
        <Picture />
      </header>
      <main id="content" tabindex="-1">
        <Show when={!isSignedOut()} fallback={<SignIn />}>
          {props.children}
        </Show>
      </main>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
