/** Whether two IPv4 blocks share an address. The default route overlaps with everything and means nothing. */
export function overlaps(left: string, right: string): boolean {
  if (right === 'default') return false;
  const [leftStart, leftBits] = parseBlock(left);
  const [rightStart, rightBits] = parseBlock(right);
  const size = 2 ** (32 - Math.min(leftBits, rightBits));
  return Math.floor(leftStart / size) === Math.floor(rightStart / size);
}

/** Whether the second IPv4 block lies wholly within the first. */
export function contains(outer: string, inner: string): boolean {
  return overlaps(outer, inner) && parseBlock(inner)[1] >= parseBlock(outer)[1];
}

function parseBlock(block: string): [start: number, bits: number] {
  const [address = '', bits = '32'] = block.split('/');
  return [address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), Number(bits)];
}

export function isAddress(word: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(word);
}
