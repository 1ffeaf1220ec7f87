import { expect, test } from 'vitest';
import { readDefinition, writeDefinition } from '../../reconciler/docker/definition-label.ts';

const pool = {
  subnet: '10.9.0.0/16',
  gateway: null,
  ipRange: '10.9.1.0/24',
  auxAddresses: { router: '10.9.0.2' },
};

test('what was asked for is read again as it was written', () => {
  const said = { options: ['a', 'b'], pools: [pool] };
  expect(readDefinition(writeDefinition({ ...said, options: ['b', 'a'] }))).toEqual(said);
});

test.each([undefined, '', 'no JSON', 'null', '[]', '5'])('%s is no record', (text) => {
  expect(readDefinition(text)).toBeNull();
});

test('of what somebody wrote there by hand, only what makes sense is read', () => {
  const text =
    '{"options":["a",5],"pools":[null,{"subnet":7},{"subnet":"10.9.0.0/16","auxAddresses":{"x":1}}]}';
  expect(readDefinition(text)).toEqual({
    options: ['a'],
    pools: [{ subnet: '10.9.0.0/16', gateway: null, ipRange: null, auxAddresses: {} }],
  });
});
