import type { Store } from '../model/ports.ts';
import type { Sql } from './connection.ts';

type ContentStore = Pick<Store, 'recordContents' | 'contents'>;

/** Config files by digest: written once, never changed. */
export function createContents(sql: Sql): ContentStore {
  return {
    recordContents: async (contents) => {
      for (const [digest, content] of contents) await insertContent(sql, { digest, content });
    },
    contents: (digests) => readContents(sql, digests),
  };
}

interface Content {
  readonly digest: string;
  readonly content: Uint8Array;
}

async function insertContent(sql: Sql, { digest, content }: Content): Promise<void> {
  await sql`
    insert into plimsoll.contents (digest, content)
    select ${digest}, ${content} where not exists (select from plimsoll.contents where digest = ${digest})
        on conflict do nothing`;
}

async function readContents(sql: Sql, digests: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await sql<Content[]>`
    select digest, content from plimsoll.contents
     where digest in (select jsonb_array_elements_text(${sql.typed.jsonb(digests)}))`;
  return new Map(rows.map(({ digest, content }) => [digest, Uint8Array.from(content)]));
}
