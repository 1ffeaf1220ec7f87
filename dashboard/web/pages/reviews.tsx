import { useSearchParams } from '@solidjs/router';
import { For, Show, type JSX } from 'solid-js';
import type { ReviewBody, ReviewPage } from '../../../reconciler/model/generated/api.ts';
import { Answer } from '../answer.tsx';
import { ask } from '../api.ts';
import { Filter, Pager } from '../filter.tsx';
import { createPolled } from '../polled.ts';
import { Failure } from '../problems.tsx';
import { SafeLink } from '../safe-link.tsx';
import { Ago } from '../time.tsx';
import { shortRevision } from '../values.tsx';

/** Pull requests, and what was said on them. */
export function Reviews(): JSX.Element {
  const [query] = useSearchParams<{ state?: string; cursor?: string }>();
  const reviews = createPolled<ReviewPage>(() => {
    const { state, cursor } = query;
    return () => ask('reviews', '/api/reviews', { state, cursor });
  });
  return (
    <>
      <h1>Reviews</h1>
      <div class="filters">
        <Filter name="state" label="Pull requests" values={['open', 'all']} />
      </div>
      <Answer of={reviews}>
        {(page) => (
          <>
            <For each={page().items} fallback={<p>No pull request is under review.</p>}>
              {(review) => <Review of={review} />}
            </For>
            <Show when={page().next !== null || query.cursor !== undefined}>
              <Pager next={page().next} />
            </Show>
          </>
        )}
      </Answer>
    </>
  );
}

const verdicts: Readonly<Record<NonNullable<ReviewBody['conclusion']>, string>> = {
  success: '✓ good',
  neutral: '= neutral',
  actionRequired: '⏸ needs a decision',
  failure: '✗ bad',
};

function Review(props: { readonly of: ReviewBody }): JSX.Element {
  return (
    <section class="part">
      <h2>
        <SafeLink to={props.of.url}>
          {props.of.source} #{props.of.number}
        </SafeLink>{' '}
        <small>{verdictOf(props.of)}</small>
      </h2>
      <p>
        {props.of.title} <code>{shortRevision(props.of.head)}</code>, looked at{' '}
        <Ago at={props.of.checkedAt} />
        <Show when={props.of.comment}>
          {(address) => (
            <>
              , <SafeLink to={address()}>what was said</SafeLink>
            </>
          )}
        </Show>
      </p>
      <Failure of={props.of.error} />
      <ul>
        <For each={props.of.findings}>
          {(finding) => (
            <li>
              <code>{finding.code}</code> {finding.stack} / {finding.resource}
            </li>
          )}
        </For>
        <For each={props.of.approvals}>
          {(approval) => (
            <li>
              <code>{approval.code}</code> in {approval.stack} was accepted by {approval.by}
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}

function verdictOf({ state, conclusion }: ReviewBody): string {
  if (state !== 'open') return state === 'unrelated' ? 'for another branch' : state;
  return conclusion === null ? 'not reviewed yet' : verdicts[conclusion];
}
