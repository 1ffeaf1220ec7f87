import type { IncomingMessage } from 'node:http';

/** Large enough that joining parts costs little, small enough that parsing one is no pause. */
const batchBytes = 256 * 1024;
/**
 * Where an object of the outer list ends and the next one begins, if the objects begin with their id, as Docker's do.
 * Inside a text the quotation marks would be escaped, and no object inside a container's item begins so.
 */
const border = '},{"Id":"';

/**
 * The items of a JSON list as it arrives, parsed a part at a time: ten thousand containers are 13 MB, and parsed at once
 * they keep everything else waiting. A list that is written in another way is parsed at its end.
 */
export async function readJsonItems<Item>(response: IncomingMessage): Promise<readonly Item[]> {
  const items: Item[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    parts.push(part);
    size += part.length;
    if (size < batchBytes) continue;
    const text = Buffer.concat(parts);
    const end = text.lastIndexOf(border);
    const rest = end === -1 ? text : text.subarray(end + 2);
    if (end !== -1) append(items, `${listBegun(items, text.subarray(0, end + 1))}]`);
    parts = [rest];
    size = end === -1 ? 0 : rest.length;
  }
  const text = Buffer.concat(parts);
  append(items, text.length === 0 ? '[]' : listBegun(items, text));
  return items;
}

/** Only the first part brings the bracket along. */
function listBegun(items: readonly unknown[], text: Buffer): string {
  return items.length === 0 ? text.toString() : `[${text.toString()}`;
}

function append(items: unknown[], text: string): void {
  const parsed: readonly unknown[] | null = JSON.parse(text);
  for (const item of parsed ?? []) items.push(item);
}
