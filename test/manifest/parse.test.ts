import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../reconciler/manifest/parse.ts';
import { formatProblem } from '../../reconciler/model/problem.ts';
import { bytesOf, loadService, serviceManifest } from './tree.ts';

function problemsOf(content: string | Uint8Array): readonly string[] {
  return parseManifest('web.yaml', bytesOf(content)).problems.map((problem) =>
    formatProblem(problem).replace('web.yaml:', ''),
  );
}

const head = 'apiVersion: plimsoll.dev/v1\nkind: Service\nmetadata: { name: web }\n';

describe('what is no manifest', () => {
  test.each<readonly [string, string | Uint8Array, readonly string[]]>([
    ['an empty file', '', ['1:1: is empty. Write a manifest into it, or delete it.']],
    ['only comments', '# nothing\n', ['1:1: is empty. Write a manifest into it, or delete it.']],
    [
      'other YAML',
      'a: b',
      [
        '1:1: is no manifest: it should begin with "apiVersion: plimsoll.dev/v1" and "kind: Service" or "kind: Stack". Other YAML belongs into a directory below this one.',
      ],
    ],
    ['a list', '- a', [expect.stringContaining('1:1: is no manifest')]],
    ['text', 'hello', [expect.stringContaining('1:1: is no manifest')]],
    [
      'Kubernetes',
      'apiVersion: apps/v1\nkind: Deployment',
      ['1:13 apiVersion: should be "plimsoll.dev/v1".'],
    ],
    [
      'another version',
      'apiVersion: plimsoll.dev/v9\nkind: Service',
      ['1:13 apiVersion: should be "plimsoll.dev/v1".'],
    ],
    [
      'a mistyped kind',
      'apiVersion: plimsoll.dev/v1\nkind: Servcie',
      ['2:7 kind: should be "Service" or "Stack"; did you mean "Service"?'],
    ],
    ['no kind', 'apiVersion: plimsoll.dev/v1', ['1:1 kind: should be "Service" or "Stack".']],
    [
      'Latin-1',
      Uint8Array.from([0x61, 0x3a, 0x20, 0xe4]),
      ['1:1: is not UTF-8 text. Save it with that encoding.'],
    ],
    [
      'UTF-16',
      Uint8Array.from([0xff, 0xfe, 0x61, 0x00]),
      ['1:1: is not UTF-8 text. Save it with that encoding.'],
    ],
  ])('%s', (_name, content, problems) => {
    expect(problemsOf(content)).toEqual(problems);
  });
});

describe('broken YAML', () => {
  test.each([
    ['a tab', `${head}spec:\n\timage: a`, ['5:1: is indented with a tab. YAML allows only spaces there.']],
    [
      'a duplicate key',
      `${head}spec:\n  image: a:1\n  tty: true\n  image: b:1`,
      ['7:3 spec: has the key "image" twice. Keep one of them.'],
    ],
    [
      'an open bracket',
      `${head}spec: { image: [a`,
      [expect.stringMatching(/^4:\d+: is not valid YAML: flow/)],
    ],
    [
      'an open quote',
      `${head}spec: { image: "a`,
      [expect.stringMatching(/^4:\d+: is not valid YAML: missing closing/)],
    ],
    [
      'bad indentation',
      `${head}spec:\n   image: a:1\n  tty: true`,
      [expect.stringMatching(/^6:1: is not valid YAML: all mapping items/)],
    ],
    [
      'a colon in a plain value',
      `${head}spec:\n  command: echo a: b`,
      [expect.stringMatching(/^5:12: is not valid YAML: something is nested in the middle of a line/)],
    ],
    [
      'a backtick',
      `${head}spec:\n  image: \`a\``,
      ['5:10: is not valid YAML: a value cannot begin with @ or ` or %. Put it into quotes.'],
    ],
    [
      'an unknown anchor',
      `${head}spec: { image: *nope }`,
      ['4:16 spec.image: refers to the anchor &nope, which is not above it in this document.'],
    ],
    [
      'an anchor within itself',
      `${head}spec: &a { image: x, labels: *a }`,
      ['4:30 spec.labels: refers to the anchor &a, which contains it. Write the value out.'],
    ],
    [
      'a custom tag',
      `${head}spec: { image: !secret x }`,
      [
        '4:24 spec.image: has the tag !secret, which has no meaning here. Remove the tag and write a plain value.',
      ],
    ],
    [
      'a binary tag',
      `${head}spec: { image: !!binary aGk= }`,
      [
        '4:25 spec.image: has the tag tag:yaml.org,2002:binary, which has no meaning here. Remove the tag and write a plain value.',
      ],
    ],
    [
      '__proto__',
      `${head}spec: { image: a:1, __proto__: { tty: true } }`,
      ['4:21 spec: cannot have the key __proto__. Choose another name.'],
    ],
    [
      'a key that is a list',
      `${head}spec: { image: a:1, ? [a] : b }`,
      ['4:23 spec: has a key that is not plain text. Write a name before the colon.'],
    ],
    [
      'merging a text',
      `${head}spec: { image: a:1, <<: text }`,
      ['4:25 spec: merges something that is not a map. `<<` takes an alias of a map, or a list of them.'],
    ],
    [
      'a NUL',
      `${head}spec: { image: "a\\0" }`,
      ['4:16 spec.image: holds a NUL character, which no engine accepts. Remove it.'],
    ],
  ])('%s', (_name, content, problems) => {
    expect(problemsOf(content)).toEqual(problems);
  });
});

describe('what is accepted', () => {
  const want = ['image', 'labels', 'network_mode', 'networks'];
  test.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['a document marker', (text: string) => `---\n${text}...\n`],
    ['comments', (text: string) => `# hello\n${text}# bye\n`],
    ['empty documents beside it', (text: string) => `---\n---\n${text}---\n`],
  ])('%s', (_name, change) => {
    const { documents, problems } = parseManifest(
      'web.yaml',
      bytesOf(change(serviceManifest('image: a:1\nlabels: { a: b }'))),
    );
    expect(problems).toEqual([]);
    expect(documents).toHaveLength(1);
  });

  test('merge keys, where keys of their own come first', () => {
    const { container } = loadService(
      'x-base: &base { labels: { a: "1", b: "1" }, image: base:1 }\n<<: *base\nimage: own:1',
    );
    expect(container).toMatchObject({ image: 'own:1', labels: { a: '1', b: '1' } });
    expect(Object.keys(container).sort()).toEqual(want);
  });

  test('several documents in a file', () => {
    const { documents, problems } = parseManifest(
      'all.yaml',
      bytesOf(`${serviceManifest('image: a:1', 'a')}---\n${serviceManifest('image: b:1', 'b')}`),
    );
    expect([documents.length, problems]).toEqual([2, []]);
  });

  test('positions count lines after CRLF and several documents', () => {
    const content =
      `${serviceManifest('image: a:1', 'a')}---\n${serviceManifest('imge: b:1', 'b')}`.replaceAll(
        '\n',
        '\r\n',
      );
    expect(problemsOf(content)).toEqual([
      '11:3 spec: needs "image", such as "ghcr.io/acme/web:1.4.2".',
      '11:3 spec.imge: is not a known key; did you mean "image"?',
    ]);
  });
});

describe('what is too much is refused without being worked through', () => {
  const lines = (count: number, line: string): string => line.repeat(count);
  test.each([
    [
      '10 MB',
      'a'.repeat(10_000_000),
      "1:1: has 9.5 MiB, and a manifest may have 1 MiB. Move data into a file below the stack's directory and name it in `configs`.",
    ],
    ['a million brackets', '['.repeat(1_000_000), expect.stringContaining('1:1: has more YAML in it')],
    [
      'brackets that would exhaust the stack',
      '['.repeat(5_000),
      expect.stringContaining('1:1: has more YAML in it'),
    ],
    [
      'maps that would exhaust the stack',
      '{a: '.repeat(5_000),
      expect.stringContaining('1:1: has more YAML in it'),
    ],
    ['lists in one line', '- '.repeat(5_000), expect.stringContaining('1:1: has more YAML in it')],
    [
      'a million closing brackets',
      '}'.repeat(1_000_000),
      expect.stringContaining('1:1: has more YAML in it'),
    ],
    [
      'a hundred thousand documents',
      lines(100_000, '---\n'),
      expect.stringContaining('1:1: has more YAML in it'),
    ],
    ['a thousand documents', lines(1_000, '--- a\n'), expect.stringContaining('1:1: has more YAML in it')],
    ['half a million line breaks', lines(500_000, '\n'), expect.stringContaining('1:1: has more YAML in it')],
  ])('%s', (_name, content, problem) => {
    expect(problemsOf(content)).toEqual([problem]);
  });

  test('aliases that unfold into billions', () => {
    const levels = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
      (key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
    );
    expect(problemsOf(`a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n${levels.join('\n')}`)).toEqual([
      expect.stringContaining('unfolds into too much. Use fewer aliases'),
    ]);
  });

  test('a large text that is repeated', () => {
    expect(problemsOf(`a: &a ${'x'.repeat(900_000)}\nb: [${Array(100).fill('*a').join(',')}]`)).toEqual([
      expect.stringContaining('unfolds into too much'),
    ]);
  });

  test('aliases that build a tower', () => {
    const tower = Array.from({ length: 5_000 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`);
    expect(problemsOf(`a0: &a0 [x]\n${tower.join('\n')}`)).toEqual([
      expect.stringContaining('is nested deeper than 64 levels'),
    ]);
  });

  test('ten thousand unknown keys, of which the first hundred are told', () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `  k${index}: v`).join('\n');
    expect(problemsOf(`${head}spec:\n  image: a:1\n${keys}`)).toHaveLength(100);
  });

  test('twenty thousand keys in one map', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `    k${index}: v`).join('\n');
    expect(problemsOf(`${head}spec:\n  image: a:1\n  labels:\n${keys}`)).toEqual([]);
  });
});

test('parsing is a pure function of path and bytes', () => {
  const bytes = bytesOf(serviceManifest('image: a:1\nports: [x]'));
  const [first, second] = [parseManifest('a.yaml', bytes), parseManifest('a.yaml', bytes)];
  expect(JSON.stringify(first)).toBe(JSON.stringify(second));
});
