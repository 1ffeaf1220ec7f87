import { expect, test } from 'vitest';
import { BlobCache } from '../../reconciler/git/blob-cache.ts';
import { encodeLine, isWholeList, refusal, withHead, withThinPack } from '../../reconciler/git/pkt-line.ts';

const id = 'a'.repeat(40);

test.each([
  ['0000', true],
  ['0006a\n0000', true],
  ['0006a\n00010006b\n0000', true],
  ['', false],
  ['0006a\n', false],
  ['0006a\n00', false],
  ['0006a', false],
  // Cut in the middle of a line that happens to end in zeros.
  ['003eaaaa0000', false],
  ['<html>0000', false],
])('whether %j is a whole list: %s', (text, isWhole) => {
  expect(isWholeList(Buffer.from(text))).toBe(isWhole);
});

test('every cut of a list is seen, except after the flush that ends a section', () => {
  const list = Buffer.concat([...['x', 'yy', '0000'].map((line) => encodeLine(line)), Buffer.from('0000')]);
  const whole = Array.from({ length: list.length + 1 }, (_unused, end) => end).filter((end) =>
    isWholeList(list.subarray(0, end)),
  );
  expect(whole).toEqual([list.length]);
});

test('a leading ERR line is a refusal, anything else is not', () => {
  expect(refusal(encodeLine('ERR access denied\n'))).toBe('access denied');
  expect(refusal(encodeLine('NAK\n'))).toBeNull();
  expect(refusal(Buffer.alloc(0))).toBeNull();
});

test('a HEAD is added only where there is none', () => {
  const without = Buffer.concat([encodeLine(`${id} refs/heads/main\0caps\n`), Buffer.from('0000')]);
  expect(withHead(without, id).toString()).toContain(`0032${id} HEAD\n0000`);
  const having = Buffer.concat([encodeLine(`${id} HEAD\0caps\n`), Buffer.from('0000')]);
  expect(withHead(having, id)).toEqual(having);
});

test('the capability is added to the first want, and what follows stays', () => {
  const rest = Buffer.concat([encodeLine('deepen 1\n'), Buffer.from('0000'), encodeLine('done\n')]);
  const request = Buffer.concat([encodeLine(`want ${id} ofs-delta\n`), rest]);
  const expected = Buffer.concat([encodeLine(`want ${id} ofs-delta thin-pack\n`), rest]);
  expect(withThinPack(request)).toEqual(expected);
  expect(withThinPack(rest)).toEqual(rest);
});

test('the blob cache stays within its bound, keeps what is used and refuses what is large', () => {
  const cache = new BlobCache(100);
  for (const key of ['a', 'b', 'c', 'd']) cache.add(key, new Uint8Array(25));
  expect(cache.get('a')).toHaveLength(25);
  cache.add('e', new Uint8Array(20));
  expect([cache.get('b'), cache.get('a')?.length]).toEqual([undefined, 25]);
  cache.add('large', new Uint8Array(26));
  expect(cache.get('large')).toBeUndefined();
  expect(cache.sizeBytes).toBeLessThanOrEqual(100);
  cache.add('a', new Uint8Array(25));
  cache.clear();
  expect([cache.sizeBytes, cache.get('a')]).toEqual([0, undefined]);
});
