import type { StackContext } from './context.ts';
import type { Targeted } from './mount.ts';
import { isHostPath, readHostPath, volumeName } from './mount-source.ts';
import { report, type Place } from './place.ts';
import { readMode, readSize } from './quantity.ts';

/** `SOURCE:TARGET[:OPTIONS]`, or a target alone. */
export function readShort(text: string, context: StackContext, place: Place): Targeted | null {
  const parts = text.split(':');
  const [source = '', target = '', options = ''] = parts.length === 1 ? ['', text] : parts;
  if (parts.length > 3 || (parts.length > 1 && parts.includes(''))) {
    report(
      place,
      'InvalidMount',
      'should be "VOLUME:PATH" or "/HOST/PATH:PATH", with ":ro" at the end or nothing, such as "data:/var/lib/data:ro".',
    );
    return null;
  }
  const read = readOptions(options, place);
  if (!isHostPath(source)) {
    const name = source === '' ? '' : volumeName(source, context, place);
    return {
      target,
      mount: { type: 'volume', source: name, read_only: read.readOnly, nocopy: read.nocopy, subpath: '' },
    };
  }
  const path = readHostPath(source, place);
  return {
    target,
    mount: { type: 'bind', source: path, read_only: read.readOnly, propagation: read.propagation },
  };
}

interface ShortOptions {
  readonly readOnly: boolean;
  readonly nocopy: boolean;
  readonly propagation: string;
}

const propagations: ReadonlySet<string> = new Set([
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
]);
/** Hints for Docker Desktop; Linux has no use for them. */
const withoutEffect: ReadonlySet<string> = new Set([
  '',
  'rw',
  'ro',
  'nocopy',
  'volume-nocopy',
  'cached',
  'delegated',
  'consistent',
  'default',
]);

function readOptions(text: string, place: Place): ShortOptions {
  const options = text.split(',');
  for (const option of options) {
    if (option === 'z' || option === 'Z') {
      report(
        place,
        'UnsupportedKey',
        `has the option ${option}, which is not available. Label the directory on the host, with chcon.`,
      );
    } else if (!withoutEffect.has(option) && !propagations.has(option)) {
      report(
        place,
        'InvalidMount',
        'has an option that is not known. Known are ro, rw, nocopy and the propagations, such as rslave.',
      );
    }
  }
  return {
    readOnly: options.includes('ro'),
    nocopy: options.includes('nocopy') || options.includes('volume-nocopy'),
    propagation: options.find((option) => propagations.has(option)) ?? '',
  };
}

/** `TARGET[:size=64m,mode=1777]`. */
export function readTmpfs(text: string, place: Place): Targeted {
  const [target = '', options = ''] = text.split(/:(.*)/s);
  let size: number | null = null;
  let mode: number | null = null;
  for (const option of options.split(',')) {
    const [name = '', value = ''] = option.split('=');
    if (name === 'size' && /^[0-9]+[kmg]?$/i.test(value)) size = readSize(value, place);
    else if (name === 'mode' && /^[0-7]{1,4}$/.test(value)) mode = readMode(value);
    else if (option !== '' && option !== 'rw')
      report(place, 'InvalidMount', 'has an option that is not honoured. Use size=64m and mode=1777.');
  }
  return { target, mount: { type: 'tmpfs', size: size === 0 ? null : size, mode } };
}
