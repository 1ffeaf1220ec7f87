export type AddressFamily = 4 | 6;

/** The family of an IP address in text, or null when it is none. */
export function familyOf(text: string): AddressFamily | null {
  if (isIpv4(text)) return 4;
  return isIpv6(text) ? 6 : null;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  );
}

function isIpv6(text: string): boolean {
  const [address = '', zone] = text.split('%');
  if (zone === '' || text.split('%').length > 2) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const counts = halves.map((half, index) => countGroups(half, index === halves.length - 1));
  if (counts.some((count) => count === null)) return false;
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return halves.length === 2 ? total < 8 : total === 8;
}

/** Groups of 16 bits in one side of an address; its end may be written as IPv4. */
function countGroups(half: string, isEnd: boolean): number | null {
  if (half === '') return 0;
  const groups = half.split(':');
  const last = groups.at(-1) ?? '';
  const isMixed = isEnd && last.includes('.');
  const plain = isMixed ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  if (isMixed && !isIpv4(last)) return null;
  return plain.length + (isMixed ? 2 : 0);
}

/** An IP range such as `172.30.0.0/16`. */
export function isSubnet(text: string): boolean {
  const [address = '', bits = ''] = text.split('/');
  const family = familyOf(address);
  return (
    family !== null &&
    /^[0-9]{1,3}$/.test(bits) &&
    Number(bits) <= (family === 4 ? 32 : 128) &&
    text.split('/').length === 2
  );
}
