import { expect, test } from 'vitest';
import type { StackDiff } from '../../reconciler/control/protocol.ts';
import type { Change } from '../../reconciler/model/change.ts';
import { name, revision } from '../../reconciler/model/ids.ts';
import { formatDiff, formatFiles, onlyService } from '../../reconciler/terminal/diff.ts';
import { createPaint } from '../../reconciler/terminal/paint.ts';

const plain = createPaint(false, {});
const web = { kind: 'service', service: name('web') } as const;
const first = { kind: 'instance', service: name('web'), instance: 1 } as const;

function modify(path: string, from: string | number, to: string | number): Change {
  return { kind: 'modify', resource: first, class: 'inPlace', cause: { kind: 'drift' }, path, from, to };
}

function diffOf(change: Partial<StackDiff> = {}): StackDiff {
  return {
    stack: name('shop'),
    revision: revision('1'.repeat(40)),
    problems: [],
    error: null,
    changes: [modify('mem_limit', 134_217_728, 67_108_864), modify('restart.condition', 'always', 'no')],
    findings: [],
    decisions: [
      {
        resource: web,
        verdict: 'inPlace',
        because: 'mem_limit drifted to 128m, and 1 more',
        downtime: { expected: false, reason: '' },
      },
    ],
    drift: [
      {
        stack: name('shop'),
        resource: first,
        field: 'mem_limit',
        kind: 'updated',
        because: 'changed with docker update',
        found: 134_217_728,
        wanted: 67_108_864,
        revision: null,
        openedAt: new Date(2026, 4, 4, 13, 2, 9).getTime(),
        seenAt: 0,
        closedAt: null,
        end: null,
      },
    ],
    ...change,
  };
}

test('each field stands in a row, aligned, with what it is, what it should be and how that came about', () => {
  expect(formatDiff({ at: 0, stacks: [diffOf()] }, plain)).toBe(
    [
      'shop at 1111111',
      '  ~ web  in place    mem_limit drifted to 128m, and 1 more',
      '      web.1  mem_limit          128m    ->  64m  2026-05-04 13:02:09 changed with docker update',
      '      web.1  restart.condition  always  ->  no   drift',
    ].join('\n'),
  );
});

test('colours change no column', () => {
  const painted = formatDiff({ at: 0, stacks: [diffOf()] }, createPaint(true, {}));
  expect(painted).toContain('\u001b[31m128m\u001b[39m');
  expect(painted).toContain('\u001b[32m64m\u001b[39m');
  const stripped = painted.replaceAll(/\u001b\[\d+m/g, '');
  expect(stripped).toBe(formatDiff({ at: 0, stacks: [diffOf()] }, plain));
});

test('a service that is asked for alone is shown alone', () => {
  const other = onlyService(diffOf(), name('db'));
  expect(formatDiff({ at: 0, stacks: [other] }, plain)).toBe('shop at 1111111: nothing differs');
});

test('files are listed by container, many of them shortened', () => {
  const files = Array.from({ length: 52 }, (_, index) => ({ path: `/tmp/${index}`, kind: 'added' as const }));
  const containers = [
    { container: 'shop-db-1', files: [] },
    { container: 'shop-web-1', files },
  ];
  const text = formatFiles({ containers }, plain);
  expect(text).toContain('shop-db-1: as the image has it');
  expect(text).toContain('shop-web-1: 52 paths other than in the image\n  + /tmp/0\n');
  expect(text).toContain('and 2 more; --json has them all');
});
