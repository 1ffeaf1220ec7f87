/** Whether two texts name the same subnet or address. IPv6 has many spellings and the engine picks its own. */
export function isSameAddress(left: string, right: string): boolean {
  return left === right || canonicalAddress(left) === canonicalAddress(right);
}

function canonicalAddress(text: string): string {
  const [address = '', prefix] = text.toLowerCase().split('/');
  const full = address.includes(':') ? expandGroups(address) : address;
  return prefix === undefined ? full : `${full}/${prefix}`;
}

/** Eight groups without leading zeros. */
function expandGroups(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after]
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
