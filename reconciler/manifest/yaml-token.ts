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
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens.some(isTooDeep) ? null : tokens;
}

interface Visit {
  readonly token: CST.Token;
  readonly depth: number;
}

function isTooDeep(root: CST.Token): boolean {
  const open: Visit[] = [{ token: root, depth: 0 }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { token, depth } = visit;
    if (depth > maxDepth) return true;
    if (token.type === 'document' && token.value !== undefined)
      open.push({ token: token.value, depth: depth + 1 });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key && 'items' in key) open.push({ token: key, depth: depth + 1 });
      if (value && 'items' in value) open.push({ token: value, depth: depth + 1 });
    }
  }
  return false;
}
