import { expect, test } from 'vitest';
import { name, revision } from '../../reconciler/model/ids.ts';
import type { Notice } from '../../reconciler/model/notice.ts';
import type { Plan } from '../../reconciler/model/plan.ts';
import { createNoticePrinter, type NoticePrinterOptions } from '../../reconciler/terminal/notices.ts';
import { createPaint } from '../../reconciler/terminal/paint.ts';
import type { Terminal } from '../../reconciler/terminal/terminal.ts';

const stack = name('shop');
const web = { kind: 'service', service: name('web') } as const;
const commit = {
  revision: revision('3f9c2a1'.padEnd(40, '0')),
  author: 'Ada \u001b[31mShipwright <ada@example.com>',
  message: 'Use web 1.4.2\n\nBecause of the fix.',
  committedAt: 0,
};
const plan: Plan = {
  format: 1,
  stack,
  engine: name('default'),
  revision: commit.revision,
  changes: [
    {
      kind: 'modify',
      resource: web,
      class: 'rolling',
      cause: { kind: 'commit' },
      path: 'image',
      from: 'web:1',
      to: 'web:2',
    },
  ],
  findings: [],
  decisions: [
    {
      resource: web,
      verdict: 'rolling',
      because: 'image changed web:1 -> web:2',
      downtime: { expected: false, reason: '' },
    },
    {
      resource: { kind: 'network', name: name('default') },
      verdict: 'unchanged',
      because: 'nothing differs',
      downtime: { expected: false, reason: '' },
    },
  ],
  steps: [
    {
      id: 'pull web:2',
      after: [],
      resource: web,
      operation: { kind: 'pullImage', image: 'web:2', platform: null, policy: 'missing' },
      because: '',
    },
  ],
};

function print(notices: readonly Notice[], options: Partial<NoticePrinterOptions> = {}): string {
  const lines: string[] = [];
  const paint = createPaint(false, {});
  const terminal: Terminal = {
    print: () => {},
    say: (text) => void lines.push(text),
    show: () => {},
    paint,
    accent: paint,
    command: 'plimsoll',
    isInteractive: false,
  };
  const printer = createNoticePrinter(terminal, { now: () => 0, ...options });
  for (const notice of notices) printer.notify(notice);
  return lines.join('\n');
}

function finished(fields: Partial<Extract<Notice, { kind: 'syncFinished' }>>): Notice {
  return {
    kind: 'syncFinished',
    stack,
    trigger: 'poll',
    outcome: 'succeeded',
    summary: '',
    durationMs: 3_200,
    ...fields,
  };
}

test('a deployment reads as a story: the commit, the plan with its fields and reasons, the pull, the end, the address', () => {
  const story = print(
    [
      { kind: 'sourceRead', source: name('main'), commit, stacks: [stack, name('blog')] },
      { kind: 'syncPlanned', stack, trigger: 'poll', commit, plan },
      { kind: 'syncProgress', stack, event: { kind: 'stepStarted', at: 0, step: 'pull web:2' } },
      finished({}),
    ],
    { whereToLook: () => ['web  http://localhost:8080'] },
  );
  expect(story).toBe(`main  read 3f9c2a1 "Use web 1.4.2" by Ada Shipwright: shop, blog
shop at 3f9c2a1: 1 to change, 0 to add, 0 to delete · no downtime · policy ok
  ~ web  rolling     image changed web:1 -> web:2
      image web:1 -> web:2  (commit)
    pulling web:2
shop  succeeded in 3.2 s
    web  http://localhost:8080`);
});

test('what failed is said where it failed, and not once more at the end', () => {
  const event = {
    kind: 'stepFailed',
    at: 0,
    step: 'start web.1',
    code: 'PortTaken',
    message: 'Port 80 is\ntaken.',
    output: 'one\n\u001b[2Jtwo',
  } as const;
  expect(
    print([{ kind: 'syncProgress', stack, event }, finished({ outcome: 'failed', summary: event.message })]),
  ).toBe('    start web.1 failed: Port 80 is taken.\n      | one\n      | two\nshop  failed in 3.2 s');
});

test('a failure that lasts is told once, and again after a while', () => {
  let now = 0;
  const failure: Notice = {
    kind: 'sourceFailed',
    source: name('main'),
    code: 'SourceUnreachable',
    message: 'It is away.',
  };
  const notices = [failure, failure];
  expect(print(notices)).toBe('main  It is away.');
  expect(print([...notices, { ...failure, message: 'Still away.' }]).split('\n')).toHaveLength(2);
  const late = print(notices, { now: () => (now += 11 * 60_000) });
  expect(late.split('\n')).toHaveLength(2);
});

test('manifests that cannot be used are all named', () => {
  const problem = {
    code: 'X',
    file: 'stacks/a.yaml',
    line: 1,
    column: 2,
    path: 'spec',
    message: 'is wrong.',
  };
  expect(print([{ kind: 'sourceProblems', source: name('main'), problems: [problem, problem] }])).toBe(
    `main  these manifests cannot be used; nothing of theirs is changed:
    stacks/a.yaml:1:2 spec: is wrong.
    stacks/a.yaml:1:2 spec: is wrong.`,
  );
});

test('the address is told after a deployment and at the start, not after each look', () => {
  const notices = [finished({ outcome: 'unchanged' }), finished({ outcome: 'unchanged' }), finished({})];
  expect(print(notices, { whereToLook: () => ['here'] }).match(/here/g)).toHaveLength(2);
});

test('a caller that prints the ends itself does not have them twice', () => {
  expect(print([finished({})], { tellsEnd: false })).toBe('');
});
