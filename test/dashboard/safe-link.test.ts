import { expect, test } from 'vitest';
import { webAddress } from '../../dashboard/web/web-address.ts';

test.each([
  ['https://github.com/acme/gitops/pull/7', 'https://github.com/acme/gitops/pull/7'],
  ['http://forge.local/pull/1', 'http://forge.local/pull/1'],
  ['javascript:alert(1)', null],
  ['\u0001javascript:alert(1)', null],
  ['JaVaScRiPt:alert(1)', null],
  ['data:text/html,x', null],
  ['vbscript:x', null],
  ['//evil.example.org', null],
  ['pull/7', null],
  ['', null],
])('%s leads to %s', (text, address) => {
  expect(webAddress(text)).toBe(address);
});
