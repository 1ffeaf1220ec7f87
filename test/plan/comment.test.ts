import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredStack } from '../../reconciler/model/desired.ts';
import { longestComment } from '../../reconciler/model/forge.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import type { Review } from '../../reconciler/model/review.ts';
import { renderReview } from '../../reconciler/plan/comment.ts';
import { fenced, inlineCode } from '../../reconciler/plan/fence.ts';
import { planCommit } from '../../reconciler/plan/imagine.ts';
import { summarizeReview } from '../../reconciler/plan/review-summary.ts';
import { anything, inventoryOf, mountOf, port, service, stack, volume } from './world.ts';

const head = revision('3f9c2a1000000000000000000000000000000000');
const base = revision('a1b2c3d000000000000000000000000000000000');
const marker = '<!-- plimsoll default/main -->';

function committed(from: DesiredStack, to: DesiredStack): Plan {
  const inventory = inventoryOf(from);
  return planCommit({ from, to, revision: head, policy: anything, inventory, complete: true });
}

function reviewOf(plans: readonly Plan[], changed: Partial<Review> = {}): Review {
  return {
    installation: name('default'),
    source: name('main'),
    number: 7,
    head,
    base: { branch: 'main', revision: base },
    merge: { kind: 'forge', revision: head },
    live: { kind: 'shown', at: Date.UTC(2026, 10, 20, 13, 30, 12) },
    problems: [],
    stacks: plans.map((plan) => ({ stack: plan.stack, problems: [], change: plan, live: plan, before: [] })),
    untouched: 0,
    drifted: [],
    approvals: [],
    ...changed,
  };
}

const before = stack([service('web', { replicas: 2 }), service('db'), service('old')]);
const after = stack([
  service('web', { replicas: 2, container: { image: 'acme/web:2' } }),
  service('db', {
    container: { environment: { LOG_LEVEL: 'debug', DB_PASSWORD: 'hunter2' }, ports: [port('5432', 5432)] },
  }),
  service('cache'),
]);

describe('the comment', () => {
  test('shows what the commit changes and what will happen, each change with class, fields, cause and downtime', () => {
    const plan = committed(before, after);
    const body = renderReview(reviewOf([plan], { untouched: 3 }), { marker });
    expect(body).toMatchInlineSnapshot(`
      "<!-- plimsoll default/main -->

      ### Plimsoll · 2 to change, 1 to add, 1 to delete · no downtime · policy ok

      Source \`main\` of installation \`default\`, \`3f9c2a1\` into \`main\` at \`a1b2c3d\`.

      #### What this pull request changes

      The manifests before and after the merge. Not touched: 3 stacks.

      **shop**: 2 to change, 1 to add, 1 to delete

      \`\`\`diff
      + cache: create, because it is not there yet
      ! db: rolling, no downtime, because environment.DB_PASSWORD was added, and 3 more
            environment.DB_PASSWORD (none) -> (hidden)  (commit)
            environment.LOG_LEVEL (none) -> debug  (commit)
            ports (none) -> 5432:5432  (commit)
            expose [] -> ["5432/tcp"]  (commit)
      - old: delete, because it left the manifests
      ! web: rolling, no downtime, because image changed acme/web:1 -> acme/web:2
            image acme/web:1 -> acme/web:2  (commit)
      \`\`\`

      #### What will happen on merge

      Against what runs, as of 2026-11-20 13:30:12 UTC.

      **shop**: 2 to change, 1 to add, 1 to delete

      \`\`\`diff
      + cache: create, because it is not there yet
      ! db: rolling, no downtime, because environment.DB_PASSWORD was added, and 3 more
            environment.DB_PASSWORD (none) -> (hidden)  (commit)
            environment.LOG_LEVEL (none) -> debug  (commit)
            ports (none) -> 5432:5432  (commit)
            expose [] -> ["5432/tcp"]  (commit)
      - old: delete, because it left the manifests
      ! web: rolling, no downtime, because image changed acme/web:1 -> acme/web:2
            image acme/web:1 -> acme/web:2  (commit)
      \`\`\`"
    `);
  });

  test('says on its first line how it is found again', () => {
    expect(renderReview(reviewOf([]), { marker }).split('\n')[0]).toBe(marker);
  });

  test('names what a fork may not see, and how it is shown', () => {
    const plan = committed(before, after);
    const review = reviewOf([plan], { live: { kind: 'withheld', label: 'plimsoll/show-live' } });
    const [only] = review.stacks;
    const withheld = { ...review, stacks: only === undefined ? [] : [{ ...only, live: null }] };
    const body = renderReview(withheld, { marker });
    expect(body).toContain('Not shown: this comes from a fork');
    expect(body).toContain('`plimsoll/show-live`');
    expect(body.match(/web: rolling/g)).toHaveLength(1);
  });

  test('marks what differs without the pull request too', () => {
    const plan = committed(before, after);
    const review = reviewOf([plan]);
    const marked = {
      ...review,
      stacks: review.stacks.map((one) => Object.assign({}, one, { before: ['web'] })),
    };
    expect(renderReview(marked, { marker })).toContain(
      'web: rolling, no downtime, because image changed acme/web:1 -> acme/web:2 [existing drift, without this pull request too]',
    );
  });

  test('says which files conflict, and whose version it shows', () => {
    const review = reviewOf([committed(before, after)], {
      merge: { kind: 'conflict', paths: ['stacks/shop/web.yaml'] },
    });
    expect(renderReview(review, { marker })).toContain(
      '**It conflicts with its base** in `stacks/shop/web.yaml`',
    );
  });

  test('asks for a label where a finding has to be approved, and says who approved', () => {
    const data = stack([service('db', { container: { mounts: { '/data': mountOf('data') } } })], {
      volumes: [volume('data')],
      sync: { pruneVolumes: true },
    });
    const without = stack([service('db')], { sync: { pruneVolumes: true } });
    const plan = committed(data, without);
    const review = reviewOf([plan]);
    expect(summarizeReview(review)).toMatchObject({
      conclusion: 'actionRequired',
      open: ['DL101'],
      hasDataLoss: true,
    });
    expect(renderReview(review, { marker })).toContain('`plimsoll/approve-DL101`');
    const approvals = [
      {
        stack: name('shop'),
        code: 'DL101',
        resource: 'volume data',
        by: 'ada',
        label: 'plimsoll/approve-DL101',
        at: 1,
      },
    ];
    expect(summarizeReview({ ...review, approvals })).toMatchObject({ conclusion: 'success', open: [] });
    expect(renderReview({ ...review, approvals }, { marker })).toContain(
      '**DL101** in shop was approved by `ada`',
    );
  });

  test('never holds the value of a secret', () => {
    const with2 = stack([service('db', { container: { environment: { DB_PASSWORD: 'correcthorse' } } })]);
    const with1 = stack([service('db', { container: { environment: { DB_PASSWORD: 'hunter2' } } })]);
    const body = renderReview(reviewOf([committed(with1, with2)]), { marker });
    expect(body).toContain('environment.DB_PASSWORD');
    expect(body).not.toMatch(/hunter2|correcthorse/);
  });
});

test('docs/reviews.md shows a comment as it is', () => {
  const text = readFileSync('docs/reviews.md', 'utf8');
  const [, shown = ''] = /^````text\n(.*?)\n````$/ms.exec(text) ?? [];
  expect(shown).toBe(renderReview(documented(), { marker: '<!-- plimsoll:review default/main -->' }));
});

/** A pull request as people make them: a newer image, a new setting of a service with one instance, a cache that goes. */
function documented(): Review {
  const image = (called: string, tag: string) => ({ image: `ghcr.io/acme/${called}:${tag}` });
  const data = { mounts: { '/data': mountOf('cache') } };
  const fixed = { ports: [port('5432', 5432)] };
  const sync = { pruneVolumes: true };
  const old = stack(
    [
      service('cache', { container: { image: 'redis:7.2', ...data } }),
      service('db', { container: { image: 'postgres:16.3', ...fixed, environment: { DB_PASSWORD: 'old' } } }),
      service('web', { replicas: 2, container: image('web', '1.4.1') }),
    ],
    { volumes: [volume('cache')], sync },
  );
  const wanted = stack(
    [
      service('db', { container: { image: 'postgres:16.3', ...fixed, environment: { DB_PASSWORD: 'new' } } }),
      service('web', { replicas: 2, container: image('web', '1.4.2') }),
    ],
    { sync },
  );
  const plan = committed(old, wanted);
  return {
    ...reviewOf([plan], { untouched: 3 }),
    stacks: [{ stack: plan.stack, problems: [], change: plan, live: plan, before: ['web'] }],
  };
}

describe('hostile text', () => {
  const evil =
    '```\n</details><img src=x onerror=alert(1)> @acme/admins [x](javascript:1) \u202egnp.exe `````` |';

  test('stays text: nothing in it ends the block that it stands in', () => {
    const to = stack([
      service('web', {
        container: { image: `acme/web:${evil}`, environment: { [evil]: evil }, command: [evil] },
      }),
    ]);
    const problem = { code: 'X', file: evil, line: 1, column: 1, path: evil, message: evil };
    const body = renderReview(
      reviewOf([committed(stack([service('web')]), to)], {
        problems: [problem],
        base: { branch: evil, revision: base },
        merge: { kind: 'conflict', paths: [evil] },
        live: { kind: 'failed', reason: evil },
      }),
      { marker },
    );
    const outside = outsideOfCode(body);
    expect(outside).not.toMatch(/onerror|@acme|javascript:|\u202e/);
    expect(body).not.toContain('\u202e');
    expect(fencesAreBalanced(body)).toBe(true);
  });

  test('any lines make a block that closes, and any text a span on one line', () => {
    fc.assert(
      fc.property(fc.array(hostileText), (lines) => {
        const block = fenced(lines, 'diff');
        expect(fencesAreBalanced(block)).toBe(true);
        expect(outsideOfCode(block).trim()).toBe('');
        expect(block.split('\n')).toHaveLength(lines.length + 2);
      }),
    );
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(outsideOfCode(inlineCode(text)).trim()).toBe('');
      }),
    );
  });
});

const hostileText = fc.string({
  unit: fc.constantFrom('`', '``', '\n', '~', '<', '>', '@', 'a', ' ', '\u202e', '-', '#'),
});

describe('however large a change is', () => {
  const size = fc.record({
    deleted: fc.integer({ min: 0, max: 150 }),
    changed: fc.integer({ min: 0, max: 150 }),
    stacks: fc.integer({ min: 1, max: 4 }),
    fields: fc.integer({ min: 1, max: 12 }),
  });

  test('the comment fits, its blocks close, and no deletion is missing', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(size, ({ deleted, changed, stacks, fields }) => {
        const plan = largePlan({ deleted, changed, fields });
        const plans = Array.from({ length: stacks }, (_, index) => ({
          ...plan,
          stack: name(`stack-${index}`),
        }));
        const body = renderReview(reviewOf(plans), { marker });
        expect(body.length).toBeLessThanOrEqual(longestComment);
        expect(fencesAreBalanced(body)).toBe(true);
        for (let index = 0; index < deleted; index += 1) {
          const mentions = body.match(new RegExp(`\\bdeleted-${index}\\b`, 'g')) ?? [];
          expect(mentions.length).toBeGreaterThanOrEqual(stacks * 2);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('deletions that cannot all be named are counted, and the comment still fits', () => {
    const plan = largePlan({ deleted: 900, changed: 0, fields: 1 });
    const plans = Array.from({ length: 12 }, (_, index) => ({ ...plan, stack: name(`stack-${index}`) }));
    const body = renderReview(reviewOf(plans), { marker });
    expect(body.length).toBeLessThanOrEqual(longestComment);
    expect(fencesAreBalanced(body)).toBe(true);
    for (let index = 0; index < 12; index += 1) expect(body).toContain(`stack-${index}`);
    expect(body).toContain('900');
  });
});

interface Size {
  readonly deleted: number;
  readonly changed: number;
  readonly fields: number;
}

function largePlan({ deleted, changed, fields }: Size): Plan {
  const noGap = { expected: false, reason: '' };
  const names = (what: string, count: number) =>
    Array.from({ length: count }, (_, index) => name(`${what}-${index}`));
  const changing = names('changed', changed);
  return {
    format: 1,
    stack: name('shop'),
    engine: name('default'),
    revision: head,
    changes: changing.flatMap((one) =>
      Array.from({ length: fields }, (_, field) => ({
        kind: 'modify' as const,
        resource: { kind: 'service' as const, service: one },
        class: 'rolling' as const,
        cause: { kind: 'commit' as const },
        path: `environment.VARIABLE_${field}`,
        from: 'a'.repeat(50),
        to: 'b'.repeat(50),
      })),
    ),
    findings: [],
    decisions: [
      ...changing.map((one) => ({
        resource: { kind: 'service' as const, service: one },
        verdict: 'rolling' as const,
        because: `environment.VARIABLE_0 changed ${'a'.repeat(50)} -> ${'b'.repeat(50)}`,
        downtime: noGap,
      })),
      ...names('deleted', deleted).map((one) => ({
        resource: { kind: 'service' as const, service: one },
        verdict: 'delete' as const,
        because: 'it left the manifests',
        downtime: noGap,
      })),
    ],
    steps: [],
  };
}

/** As CommonMark reads fences: a closing one is at least as long as the opening one and has nothing after it. */
function fencesAreBalanced(body: string): boolean {
  return readBlocks(body).isClosed;
}

function readBlocks(body: string): { readonly outside: readonly string[]; readonly isClosed: boolean } {
  let open = 0;
  const outside: string[] = [];
  for (const line of body.split('\n')) {
    const [, fence = '', info = ''] = /^(`{3,})(.*)$/.exec(line) ?? [];
    if (open === 0 && fence !== '' && !info.includes('`')) open = fence.length;
    else if (open > 0 && fence.length >= open && info.trim() === '') open = 0;
    else if (open === 0) outside.push(line);
  }
  return { outside, isClosed: open === 0 };
}

/** What is read as Markdown: neither in a block nor in a span. */
function outsideOfCode(body: string): string {
  return readBlocks(body)
    .outside.map((line) => line.replaceAll(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, ''))
    .join('\n');
}
