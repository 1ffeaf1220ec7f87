/**
 * Text that is safe on a terminal and in a comment: what moves the cursor, colours, breaks lines or turns the direction
 * of reading is written out, since it may come from a manifest or from a container that anybody made.
 */
export function printable(text: string): string {
  return text.replace(hostile, (character) => {
    const known = shortForms[character];
    return known ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Control and format characters, line and paragraph separators, lone surrogates, private use. */
const hostile = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

const shortForms: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
