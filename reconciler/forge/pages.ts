/** What one request brings at most. */
export const pageSize = 100;
/** Ten thousand comments or open pull requests. */
const mostPages = 100;

/** Every item of a list that comes in pages, until a page is not full. */
export async function collectPages<Item>(
  read: (page: number) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const more = await read(page);
    items.push(...more);
    if (more.length < pageSize) break;
  }
  return items;
}
