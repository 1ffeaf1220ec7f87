/** The words of a command line, or what is wrong with it. */
export type Words = { readonly words: readonly string[] } | { readonly mistake: string };

/**
 * Splits text as a shell would, without running one: quotes, backslashes, nothing is expanded. What only a shell
 * understands (`|`, `;`, `>` …) is a mistake; Compose's own splitter silently drops everything behind it.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === text.length) return { mistake: 'ends with a backslash. Write it twice where one is meant.' };
      word = `${word ?? ''}${escaped(text.charAt(at))}`;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = `${word ?? ''}${character}`;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (/[;&|<>()`]/.test(character)) {
      return {
        mistake: `has ${character} outside of quotes, which only a shell understands. Write ["sh", "-c", "…"], or put it into quotes.`,
      };
    } else {
      word = `${word ?? ''}${character}`;
    }
  }
  if (quote !== '') return { mistake: `has a ${quote} that is not closed.` };
  return { words: word === null ? words : [...words, word] };
}

/** As in go-shellwords, which Compose uses: these two are characters even outside of quotes. */
function escaped(character: string): string {
  if (character === 't') return '\t';
  return character === 'n' ? '\n' : character;
}
