import { Lexer, Parser, type CST, type LineCounter } from 'yaml';

/** About 16,000 lines; a lone thread spends some 10 µs on each token. */
const maxTokens = 200_000;
const maxDepth = 100;

/**
 * The syntax tree's tokens, or null when there are too many or they are nested too deeply. This comes before the
 * composer, which calls itself for each level: near the end of the stack, compiling one of its regular expressions
 * ends the whole process, which nothing can catch.
 */
export function readTokens(text: string, lines: LineCounter): readonly CST.Token[] | null {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  // The parser does so itself only when it runs the lexer.
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > maxTokens) return null;
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  return tokens.some(isTooDeep) ? null : tokens;
}

function isTooDeep(root: CST.Token): boolean {
  let level: readonly CST.Token[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) =>
    [key, value].filter((child) => child !== null && child !== undefined),
  );
}
