import { describe, expect, test } from 'vitest';
import {
  claimsInstallation,
  readContainerLabels,
  readResourceLabels,
  withoutOwnLabels,
  writeContainerLabels,
  writeResourceLabels,
  type ContainerLabels,
} from '../../reconciler/docker/labels.ts';
import { containerName, name, newcomerName, revision, specHash } from '../../reconciler/model/ids.ts';

const installation = name('home');
const own: ContainerLabels = {
  installation,
  stack: name('shop'),
  service: name('web-api'),
  instance: 12,
  specHash: specHash(`v1:${'a'.repeat(64)}`),
  revision: revision('b'.repeat(40)),
  configs: { '/etc/a.conf': { digest: `sha256:${'c'.repeat(64)}`, mode: 0o644, uid: 0, gid: 7 } },
  liveConfigs: ['/etc/a.conf'],
  configVolumes: { '/etc': 'd'.repeat(64) },
};
const labels = writeContainerLabels(own);
const ownName = containerName(own.stack, own.service, own.instance);
const read = (changed: Readonly<Record<string, string>> = {}, named: string = ownName) =>
  readContainerLabels({ ...labels, ...changed }, { installation, name: named });

describe('the labels of a container', () => {
  test('say again what was written', () => {
    const { installation: _, ...expected } = own;
    expect(read()).toEqual(expected);
  });

  test('are dev.plimsoll labels, and nothing else is', () => {
    expect(Object.keys(labels).every((key) => key.startsWith('dev.plimsoll.'))).toBe(true);
    expect(withoutOwnLabels({ ...labels, 'com.example': '1', 'dev.plimsollish': '2' })).toEqual({
      'com.example': '1',
      'dev.plimsollish': '2',
    });
  });

  test('count under the real name and under that of a newcomer', () => {
    const key = { stack: own.stack, service: own.service, number: own.instance };
    expect(read({}, newcomerName(key, own.specHash!))).not.toBeNull();
  });

  test.each([
    'shop-web-api-1',
    'shop-web-api-12-old',
    'shop-web-api-12.',
    'shop-web-api-12.zzzzzzzz',
    'xshop-web-api-12',
    '',
  ])('do not count under the name %j', (other) => {
    expect(read({}, other)).toBeNull();
  });

  test.each([
    ['dev.plimsoll.installation', 'elsewhere'],
    ['dev.plimsoll.installation', ''],
    ['dev.plimsoll.stack', 'Shop'],
    ['dev.plimsoll.stack', '../shop'],
    ['dev.plimsoll.service', 'web\napi'],
    ['dev.plimsoll.instance', '0'],
    ['dev.plimsoll.instance', '012'],
    ['dev.plimsoll.instance', '-12'],
    ['dev.plimsoll.instance', '12 '],
    ['dev.plimsoll.instance', '1e1'],
  ])('do not count with %s=%j', (key, value) => {
    expect(read({ [key]: value })).toBeNull();
  });

  test.each(['', 'v1:short', 'sha256:abc'])('without a hash that is one have none: %j', (hash) => {
    expect(read({ 'dev.plimsoll.spec-hash': hash })).toMatchObject({ specHash: null });
  });

  test.each(['', '{', '[]', '{"/a":1}', '{"/a":{"digest":1,"mode":1,"uid":1,"gid":1}}', 'null'])(
    'with config files that make no sense have none: %j',
    (configs) => {
      expect(read({ 'dev.plimsoll.configs': configs })).toMatchObject({ configs: {} });
    },
  );

  test('claim an installation whether they are whole or not', () => {
    expect(claimsInstallation({ 'dev.plimsoll.installation': 'home' }, installation)).toBe(true);
    expect(claimsInstallation(labels, name('other'))).toBe(false);
    expect(claimsInstallation({}, installation)).toBe(false);
  });
});

describe.each(['network', 'volume'] as const)('the labels of a %s', (kind) => {
  const owner = { installation, stack: name('shop'), resource: name('data'), definition: '{}' };
  const other = kind === 'network' ? 'volume' : 'network';

  test('say again what was written, to their own installation only', () => {
    const written = writeResourceLabels(kind, owner);
    expect(readResourceLabels(kind, written, installation)).toEqual({ stack: 'shop', resource: 'data' });
    expect(readResourceLabels(kind, written, name('other'))).toBeNull();
    expect(readResourceLabels(other, written, installation)).toBeNull();
  });

  test('that are malformed make it nobody', () => {
    const written = { ...writeResourceLabels(kind, owner), 'dev.plimsoll.stack': 'Shop!' };
    expect(readResourceLabels(kind, written, installation)).toBeNull();
  });
});
