/** A piece of SQL as SQLite cuts it. Comments and spaces are none. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'blob' | 'parameter' | 'operator';
  /** As it stands in the statement. */
  readonly text: string;
  /** Of a word and of a quoted name: the name in lower case, as SQLite compares names. */
  readonly name: string;
  /** Offsets into the statement. */
  readonly start: number;
  readonly end: number;
}

const KINDS = [
  ['blob', /x'[0-9a-f]*'/iy],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
  ['number', /0x[0-9a-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?[\d_]+)?/iy],
  ['word', /[\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*/uy],
  ['parameter', /\?\d*|[:@#$][\p{L}\p{N}_]+/uy],
  ['operator', /->>|->|\|\||<=|>=|<>|!=|==|<<|>>|./suy],
] as const;

const NOTHING = /(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*/y;

/** What a statement consists of, in order. A quote that is never closed is an operator: SQLite refuses it. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = afterNothing(sql, 0); at < sql.length; ) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = afterNothing(sql, token.end);
  }
  return tokens;
}

/** Whether it is one of these key words, given in capitals. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

export function isOperator(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'operator' && texts.includes(token.text);
}

function tokenAt(sql: string, start: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = start;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text, name: nameOf(kind, text), start, end: start + text.length };
  }
  throw new RangeError(`nothing stands at ${start}`);
}

function nameOf(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind !== 'quoted') return '';
  const quote = text.slice(-1);
  return text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .toLowerCase();
}

function afterNothing(sql: string, at: number): number {
  NOTHING.lastIndex = at;
  return at + (NOTHING.exec(sql)?.[0].length ?? 0);
}
