const architectures: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm/v7'],
  ['armel', 'arm/v6'],
  ['i386', '386'],
]);

/** `os/architecture[/variant]` with the names that Go has for them; a lone architecture is Linux. */
export function canonicalPlatform(platform: string | undefined): string | undefined {
  if (platform === undefined) return undefined;
  const [first = '', ...rest] = platform.toLowerCase().split('/');
  if (rest.length === 0)
    return first === 'linux' || first === 'windows' ? first : `linux/${architectures.get(first) ?? first}`;
  const [architecture = '', ...variant] = rest;
  const whole = [first, architectures.get(architecture) ?? architecture, ...variant].join('/');
  return whole === 'linux/arm64/v8' ? 'linux/arm64' : whole;
}
