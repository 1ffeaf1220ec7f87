import { describe, expect, test } from 'vitest';
import { familyOf, isSubnet } from '../../reconciler/manifest/address.ts';
import { parseDotenv } from '../../reconciler/manifest/dotenv.ts';
import { readImage } from '../../reconciler/manifest/image.ts';
import { placeIn } from '../../reconciler/manifest/place.ts';
import { splitWords } from '../../reconciler/manifest/words.ts';
import { wholeFile } from '../../reconciler/manifest/yaml.ts';

describe('an image reference takes the familiar form', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  test.each([
    ['redis', 'redis:latest'],
    ['redis:7', 'redis:7'],
    ['docker.io/redis', 'redis:latest'],
    ['docker.io/library/redis:7', 'redis:7'],
    ['index.docker.io/library/redis:7', 'redis:7'],
    ['library/redis', 'redis:latest'],
    ['docker.io/acme/web', 'acme/web:latest'],
    ['library/a/b', 'library/a/b:latest'],
    ['ghcr.io/acme/web:1.4.2', 'ghcr.io/acme/web:1.4.2'],
    ['localhost/web', 'localhost/web:latest'],
    ['localhost:5000/web', 'localhost:5000/web:latest'],
    ['127.0.0.1:5000/a__b/c-d.e:v1', '127.0.0.1:5000/a__b/c-d.e:v1'],
    ['[::1]:5000/web:1', '[::1]:5000/web:1'],
    [`redis@${digest}`, `redis@${digest}`],
    [`redis:7@${digest}`, `redis:7@${digest}`],
  ])('%s', (text, want) => {
    const place = placeIn(wholeFile('x'), []);
    expect([readImage(text, place), place.problems]).toEqual([want, []]);
  });
});

describe('a command line is split like a shell would', () => {
  test.each<readonly [string, readonly string[] | null]>([
    ['', []],
    ['  ', []],
    ['nginx -g "daemon off;"', ['nginx', '-g', 'daemon off;']],
    [`sh -c 'echo "$HOME" | wc'`, ['sh', '-c', 'echo "$HOME" | wc']],
    ['a\\ b c', ['a b', 'c']],
    ['a"b"\'c\'d', ['abcd']],
    ['a "" b', ['a', '', 'b']],
    ['echo $HOME ${X}', ['echo', '$HOME', '${X}']],
    ['"a\\"b"', ['a"b']],
    ["'a\\b'", ['a\\b']],
    ['a\tb\nc', ['a', 'b', 'c']],
    ['--url=http://x/?a=b', ['--url=http://x/?a=b']],
    ['a | b', null],
    ['a > b', null],
    ['a && b', null],
    ['$(date)', null],
    ['`date`', null],
    ['"open', null],
    ['open\\', null],
  ])('%s', (text, want) => {
    const split = splitWords(text);
    expect('words' in split ? split.words : null).toEqual(want);
  });
});

describe('an env file has Compose’s syntax', () => {
  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ['FOO=bar', { FOO: 'bar' }],
    [' KEY =value', { KEY: 'value' }],
    ['FOO= bar ', { FOO: 'bar' }],
    ['FOO="bar"', { FOO: 'bar' }],
    ["FOO='bar'", { FOO: 'bar' }],
    ['FOO="escaped\\"bar"', { FOO: 'escaped"bar' }],
    ['FOO="\'d\'"', { FOO: "'d'" }],
    ['OPTION_A: 1', { OPTION_A: '1' }],
    ['OPTION_A=1:B', { OPTION_A: '1:B' }],
    ['export OPTION_A=2', { OPTION_A: '2' }],
    ["export OPTION_B='\\n'", { OPTION_B: '\\n' }],
    ['exportFoo=2', { exportFoo: '2' }],
    ['FOO="bar\\nbaz"', { FOO: 'bar\nbaz' }],
    ['FOO=a\\tb', { FOO: 'a\\tb' }],
    ['KEY="Z\\\\Z\\0123Z\\x07"', { KEY: 'Z\\ZSZ\\x07' }],
    ['FOO.BAR=foobar', { 'FOO.BAR': 'foobar' }],
    ['FOO=foobar=', { FOO: 'foobar=' }],
    ['FOO=bar # comment', { FOO: 'bar' }],
    ['FOO=123#no-comment', { FOO: '123#no-comment' }],
    ['FOO="bar#baz" # comment', { FOO: 'bar#baz' }],
    ["FOO='ba#r'", { FOO: 'ba#r' }],
    ['EMPTY=', { EMPTY: '' }],
    ['# comment\n\n  # another\nA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A="first\nsecond"\nB=x', { A: 'first\nsecond', B: 'x' }],
    ['A=1\nB=${A}2\nC=$A\nD="${A}"\nE=\'${A}\'', { A: '1', B: '12', C: '1', D: '1', E: '${A}' }],
    ['A=${NONE:-x}', { A: 'x' }],
    ['A="foo\\$BAR"', { A: 'foo$BAR' }],
    ['A=foo$$BAR', { A: 'foo$BAR' }],
    ['INHERITED\nOUTSIDE', { OUTSIDE: 'o' }],
    ['A=$OUTSIDE', { A: 'o' }],
  ])('%s', (text, want) => {
    const { values, mistakes } = parseDotenv(text, (name) => (name === 'OUTSIDE' ? 'o' : undefined));
    expect([Object.fromEntries(values), mistakes]).toEqual([want, []]);
  });

  test.each([
    ['KEY="', 1],
    ['\n\nKEY=\'value"', 3],
    ['A=1\n="value"', 2],
    ['A B=1', 1],
    ['A=1\nnot a variable', 2],
    ['lu zalu', 1],
  ])('%s is a mistake in its line', (text, line) => {
    expect(parseDotenv(text, () => undefined).mistakes.map((mistake) => mistake.line)).toEqual([line]);
  });
});

describe('addresses', () => {
  test.each([
    ['192.0.2.1', 4],
    ['0.0.0.0', 4],
    ['256.0.0.1', null],
    ['1.2.3', null],
    ['01.2.3.4', null],
    ['::', 6],
    ['::1', 6],
    ['2001:db8::10', 6],
    ['1:2:3:4:5:6:7:8', 6],
    ['1:2:3:4:5:6:7', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['1::2::3', null],
    ['::ffff:192.0.2.1', 6],
    ['fe80::1%eth0', 6],
    ['12345::', null],
    ['', null],
    ['localhost', null],
  ])('%s', (text, family) => {
    expect(familyOf(text)).toBe(family);
  });

  test.each([
    ['172.30.0.0/16', true],
    ['2001:db8::/64', true],
    ['172.30.0.0', false],
    ['172.30.0.0/33', false],
    ['172.30.0.0/a', false],
  ])('%s as a range', (text, isRange) => {
    expect(isSubnet(text)).toBe(isRange);
  });
});
