import type { DesiredVolume } from '../model/desired.ts';
import { compareText } from '../model/problem.ts';

/** What the local driver mounts without touching the host's own files. */
const hostlessTypes = new Set(['tmpfs', 'nfs', 'nfs4', 'cifs', 'smb3']);

/**
 * What of the host a volume shows. The local driver hands its options to mount(2) as they are: a device without a slash
 * begins at dockerd's working directory, often `/`; `bind` counts whatever the type says; an overlay takes its
 * directories from `o`; and `proc`, `sysfs` and their kin are the host's kernel.
 */
export function hostSources({ driver, options }: DesiredVolume): readonly string[] {
  const device = options['device'] ?? '';
  const mountOptions = (options['o'] ?? '').split(',').map((option) => option.trim());
  const isBind = mountOptions.some((option) => option === 'bind' || option === 'rbind');
  const isLocal = driver === null || driver === '' || driver === 'local';
  const isHostless = !isBind && hostlessTypes.has(options['type'] ?? '');
  if (!isLocal || isHostless) return device.startsWith('/') ? [device] : [];
  const isOverlay = options['type'] === 'overlay' && !isBind;
  const sources = [...(isOverlay ? [] : [device]), ...mountOptions.flatMap(pathsInOption)];
  return [...new Set(sources)].filter((source) => source !== '').sort(compareText);
}

/** `lowerdir=/a:/b`, `logdev=/dev/sdb`; a subvolume lies within its device. */
function pathsInOption(option: string): readonly string[] {
  const [, key = '', value = ''] = /^([^=]*)=(.*)$/.exec(option) ?? [];
  if (key === 'subvol') return [];
  return value.includes('/') || /^(lower|upper|work|data)dir\+?$/.test(key) ? value.split(':') : [];
}
