/** Making one costs as much as decoding a manifest. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 text without a byte order mark, or null when the bytes are something else. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** A file name for people: line breaks and other control characters are shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, (character) => JSON.stringify(character).slice(1, -1));
}
