import { expect, test } from 'vitest';
import {
  formatPlan,
  formatChange,
  formatDecision,
  formatDone,
  formatSummary,
} from '../../reconciler/plan/render.ts';
import { printable } from '../../reconciler/plan/printable.ts';
import { formatNumbers, wrapText } from '../../reconciler/plan/text.ts';
import { formatValue } from '../../reconciler/plan/value.ts';
import { emptyEngine, inventoryOf, planFor, running, service, stack } from './world.ts';

const evil = '\u001b[31mred\u0007\r\nnext\u202egnp.exe\u200b\u2028\ud800\u009b2J';

test('nothing that a terminal obeys comes out of a plan, wherever it came in', () => {
  const of = (text: string) =>
    stack([
      service('web', {
        container: {
          image: `acme/web:${text}`,
          environment: { [text]: text },
          command: [text],
          labels: { a: text },
        },
      }),
    ]);
  const plan = planFor(of(evil), running(of('1')));
  const finding = {
    code: 'DT101',
    level: 'warn',
    resource: { kind: 'stack' },
    message: evil,
    remedy: evil,
  } as const;
  const forged = { ...plan, findings: [finding] };
  for (const text of [
    formatPlan(plan, { verbose: true }),
    formatPlan(forged),
    plan.changes.map(formatChange).join(),
    plan.decisions.map(formatDecision).join(),
    plan.steps.map(({ because }) => because).join(),
  ]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(text).not.toContain('\nnext');
  }
});

test('what is hostile is written out, and everything else stays as it is', () => {
  expect(printable('a\u001b[31mb')).toBe('a\\u{1b}[31mb');
  expect(printable('line\nbreak\ttab')).toBe('line\\nbreak\\ttab');
  expect(printable('\u202eabc')).toBe('\\u{202e}abc');
  expect(printable('Größe → 大 🚢')).toBe('Größe → 大 🚢');
});

test('colours appear only when they are asked for', () => {
  const plan = planFor(stack([service('web')]), emptyEngine());
  expect(formatPlan(plan)).not.toContain('\u001b');
  expect(formatPlan(plan, { color: true })).toContain('\u001b[32m+ web');
});

test.each([
  ['environment.DB_PASSWORD', 'hunter2', '(hidden)'],
  ['environment.API_KEY', 'hunter2', '(hidden)'],
  ['environment.LOG_LEVEL', 'info', 'info'],
  ['labels.traefik.http.middlewares.auth.basicauth.users', 'a:b', '(hidden)'],
  ['image', 'acme/token:1', 'acme/token:1'],
  ['mem_limit', 512 * 1024 ** 2, '512m'],
  ['mem_limit', 1536 * 1024 ** 2, '1536m'],
  ['memswap_limit', -1, 'unlimited'],
  ['shm_size', 100, '100'],
  ['stop_grace_period', 10_000, '10s'],
  ['healthcheck.interval', 1_500, '1500ms'],
  ['user', '', '""'],
  ['user', ' a', '" a"'],
  ['cap_drop', ['ALL'], '["ALL"]'],
  ['mem_limit', null, '(none)'],
  ['labels.a', undefined, '(none)'],
  ['network_mode', `container:${'a'.repeat(64)}`, `container:${'a'.repeat(12)}`],
  ['networks.back', { aliases: ['a'], ipv4_address: null, link_local_ips: [] }, '{"aliases":["a"]}'],
  ['ports', [{ target: 80, protocol: 'udp', published: '8080', host_ip: '::1' }], '::1:8080:80/udp'],
  ['ports', [], '(none)'],
  ['command', ['x'.repeat(100)], `["${'x'.repeat(57)}…`],
])('the value of %s is shown for people', (path, value, text) => {
  expect(formatValue(path, value)).toBe(text);
});

test('a summary counts what changes and names what is away', () => {
  expect(formatSummary(planFor(stack([service('web')]), emptyEngine(), { revision: null }))).toBe(
    'shop: 0 to change, 2 to add, 0 to delete · no downtime · policy ok',
  );
});

test('what was done is told in the past, without what was not', () => {
  const before = running(stack([service('web'), service('old')]));
  const desired = stack([service('web', { container: { image: 'acme/web:2' } }), service('new')]);
  const inventory = inventoryOf(stack([service('web'), service('old')]));
  expect(formatDone(planFor(desired, before, { inventory }))).toBe('1 changed, 1 added, 1 removed.');
  expect(formatDone(planFor(stack([service('web')]), emptyEngine()))).toBe('2 added.');
});

test('lines stay within 120 columns', () => {
  const long = (version: string) =>
    stack([
      service('a-service-with-quite-a-long-name', {
        container: { image: `registry.example.com/team/project/component:${version}`, privileged: true },
      }),
    ]);
  const policy = { allow: [], hostPaths: [], capabilities: [], registries: ['docker.io'] };
  const text = formatPlan(planFor(long('2.0.0-rc.1'), running(long('1.0.0')), { policy }), { verbose: true });
  expect(
    Math.max(
      ...text
        .split('\n')
        .filter((line) => !line.includes('->'))
        .map(({ length }) => length),
    ),
  ).toBeLessThanOrEqual(120);
});

test('numbers in a row are a range', () => {
  expect(formatNumbers([1, 2, 3, 5, 7, 8])).toBe('1-3, 5, 7, 8');
  expect(formatNumbers([])).toBe('');
});

test('text is wrapped at words', () => {
  expect(wrapText(`${'word '.repeat(30)}end`).every((line) => line.length <= 90)).toBe(true);
  expect(wrapText('x'.repeat(200))).toEqual(['x'.repeat(200)]);
});
