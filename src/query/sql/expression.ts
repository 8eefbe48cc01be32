import { isOperator, isWord, type Token } from './token.ts';

/**
 * A condition as far as it is understood here: what else there is in it is `other`. Offsets are those of the statement.
 */
export type Expression = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'between'; readonly subject: Expression; readonly low: Expression; readonly high: Expression }
  | { readonly kind: 'in'; readonly subject: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'column'; readonly table: string | undefined; readonly name: string }
  | { readonly kind: 'other'; readonly parts: readonly Expression[] }
);

export type Comparison = '=' | '<' | '<=' | '>' | '>=';

/** How strongly operators of two sides bind, as https://sqlite.org/lang_expr.html lists them. */
const BINDING: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  '=': 4,
  '==': 4,
  '<>': 4,
  '!=': 4,
  IS: 4,
  IN: 4,
  LIKE: 4,
  GLOB: 4,
  MATCH: 4,
  REGEXP: 4,
  BETWEEN: 4,
  ISNULL: 4,
  NOTNULL: 4,
  NOT: 4,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '&': 7,
  '|': 7,
  '<<': 7,
  '>>': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
  '||': 10,
  '->': 10,
  '->>': 10,
  COLLATE: 11,
};
const NOT = 3;
const EQUALITY = 4;
const ESCAPE = 6;
const UNARY = 12;

/** Reads tokens that are one expression. Undefined when they are not, or not one that is known here. */
export function expressionOf(tokens: readonly Token[]): Expression | undefined {
  try {
    const reader = new Reader(tokens);
    const expression = reader.expression(0);
    return reader.isAtEnd ? expression : undefined;
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

/** Every expression in it that has parts of its own, itself among them. */
export function composites(expression: Expression): readonly Expression[] {
  const inner = partsOf(expression);
  return inner.length === 0 ? [] : [expression, ...inner.flatMap(composites)];
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
    case 'compare':
      return [expression.left, expression.right];
    case 'between':
      return [expression.subject, expression.low, expression.high];
    case 'in':
      return [expression.subject, ...expression.list];
    case 'column':
      return [];
    case 'other':
      return expression.parts;
  }
}

class Unknown extends Error {}

/** Precedence climbing. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** Whatever binds more strongly than `least`. */
  expression(least: number): Expression {
    let left = this.#first();
    for (;;) {
      const next = this.#peek();
      const binding = next === undefined ? 0 : bindingOf(next);
      if (binding <= least) return left;
      left = this.#with(left, binding);
    }
  }

  #first(): Expression {
    const token = this.#take();
    if (isWord(token, 'NOT')) return this.#prefixed(token, NOT);
    if (isOperator(token, '-', '+', '~')) return this.#prefixed(token, UNARY);
    if (isWord(token, 'CASE')) return this.#case(token);
    if (isWord(token, 'EXISTS')) return this.#atom(token, this.#parentheses(this.#take()));
    if (isOperator(token, '(')) return this.#inParentheses(token);
    if (token.kind === 'word' || token.kind === 'quoted') return this.#named(token);
    if (token.kind === 'operator') throw new Unknown();
    return this.#atom(token, token);
  }

  #prefixed(token: Token, binding: number): Expression {
    const inner = this.expression(binding);
    return { kind: 'other', parts: [inner], start: token.start, end: inner.end };
  }

  /** Up to its END, whatever stands in it. */
  #case(first: Token): Expression {
    let depth = 1;
    let last = first;
    while (depth > 0) {
      last = this.#take();
      if (isWord(last, 'CASE')) depth += 1;
      if (isWord(last, 'END')) depth -= 1;
    }
    return this.#atom(first, last);
  }

  /** One expression, or else a list of several, or a query. */
  #inParentheses(open: Token): Expression {
    const begin = this.#at;
    const close = this.#parentheses(open);
    const end = this.#at - 1;
    const inside = this.#tokens.slice(begin, end);
    if (isQuery(inside)) return this.#atom(open, close);
    const inner = expressionOf(inside);
    return inner === undefined ? this.#atom(open, close) : { ...inner, start: open.start, end: close.end };
  }

  /** A function with its arguments, or a column. */
  #named(first: Token): Expression {
    if (isOperator(this.#peek(), '(') && first.kind === 'word') {
      const close = this.#parentheses(this.#take());
      if (isWord(this.#peek(), 'FILTER', 'OVER')) throw new Unknown();
      return this.#atom(first, close);
    }
    const names = [first];
    while (isOperator(this.#peek(), '.')) {
      this.#take();
      names.push(this.#take());
    }
    const last = names.at(-1) ?? first;
    if (names.length > 2 || LITERALS.test(first.text)) return this.#atom(first, last);
    const table = names.length === 2 ? first.name : undefined;
    return { kind: 'column', table, name: last.name, start: first.start, end: last.end };
  }

  #with(left: Expression, binding: number): Expression {
    const token = this.#take();
    if (isWord(token, 'AND', 'OR')) {
      const right = this.expression(binding);
      return { kind: isWord(token, 'AND') ? 'and' : 'or', left, right, start: left.start, end: right.end };
    }
    if (isWord(token, 'ISNULL', 'NOTNULL')) return this.#other([left], left.start, token.end);
    if (isWord(token, 'NOT')) return this.#negated(left);
    if (isWord(token, 'IS')) return this.#is(left);
    if (isWord(token, 'BETWEEN')) return this.#between(left);
    if (isWord(token, 'IN')) return this.#in(left);
    if (isWord(token, 'LIKE', 'GLOB', 'MATCH', 'REGEXP')) return this.#like(left);
    const right = this.expression(binding);
    const range = { start: left.start, end: right.end };
    const operator = token.text === '==' ? '=' : token.text;
    if (!isComparison(operator)) return { kind: 'other', parts: [left, right], ...range };
    return { kind: 'compare', operator, left, right, ...range };
  }

  #is(left: Expression): Expression {
    const isNegated = isWord(this.#peek(), 'NOT');
    if (isNegated) this.#take();
    if (isWord(this.#peek(), 'DISTINCT')) throw new Unknown();
    const right = this.expression(EQUALITY);
    const range = { start: left.start, end: right.end };
    return isNegated
      ? { kind: 'other', parts: [left, right], ...range }
      : { kind: 'compare', operator: '=', left, right, ...range };
  }

  /** NOT NULL, or NOT before what asks for something. */
  #negated(left: Expression): Expression {
    const token = this.#take();
    if (isWord(token, 'NULL')) return this.#other([left], left.start, token.end);
    if (isWord(token, 'BETWEEN')) {
      const { subject, low, high, start, end } = this.#between(left);
      return this.#other([subject, low, high], start, end);
    }
    if (isWord(token, 'IN')) {
      const asked = this.#in(left);
      return this.#other([left], asked.start, asked.end);
    }
    if (isWord(token, 'LIKE', 'GLOB', 'MATCH', 'REGEXP')) return this.#like(left);
    throw new Unknown();
  }

  #between(subject: Expression): Expression & { readonly kind: 'between' } {
    const low = this.expression(EQUALITY);
    if (!isWord(this.#take(), 'AND')) throw new Unknown();
    const high = this.expression(EQUALITY);
    return { kind: 'between', subject, low, high, start: subject.start, end: high.end };
  }

  #in(subject: Expression): Expression {
    const open = this.#take();
    if (!isOperator(open, '(')) throw new Unknown();
    const begin = this.#at;
    const close = this.#parentheses(open);
    const inside = this.#tokens.slice(begin, this.#at - 1);
    const range = { start: subject.start, end: close.end };
    const list = isQuery(inside) ? [] : splitByCommas(inside).map(expressionOf);
    const isKnown = list.length > 0 && list.every(item => item !== undefined);
    return isKnown ? { kind: 'in', subject, list, ...range } : { kind: 'other', parts: [subject], ...range };
  }

  #like(left: Expression): Expression {
    const pattern = this.expression(EQUALITY);
    if (!isWord(this.#peek(), 'ESCAPE')) return this.#other([left, pattern], left.start, pattern.end);
    this.#take();
    const mark = this.expression(ESCAPE);
    return this.#other([left, pattern, mark], left.start, mark.end);
  }

  #other(parts: readonly Expression[], start: number, end: number): Expression {
    return { kind: 'other', parts, start, end };
  }

  #atom({ start }: Token, { end }: Token): Expression {
    return { kind: 'other', parts: [], start, end };
  }

  /** Takes everything up to what closes them; resolves to that. */
  #parentheses(open: Token): Token {
    if (!isOperator(open, '(')) throw new Unknown();
    let depth = 1;
    let last = open;
    while (depth > 0) {
      last = this.#take();
      if (isOperator(last, '(')) depth += 1;
      if (isOperator(last, ')')) depth -= 1;
    }
    return last;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #take(): Token {
    const token = this.#peek();
    if (token === undefined) throw new Unknown();
    this.#at += 1;
    return token;
  }
}

const LITERALS = /^(?:null|true|false|current_(?:date|time|timestamp))$/i;

function bindingOf({ kind, text }: Token): number {
  if (kind !== 'word' && kind !== 'operator') return 0;
  return BINDING[text.toUpperCase()] ?? 0;
}

function isComparison(operator: string): operator is Comparison {
  return ['=', '<', '<=', '>', '>='].includes(operator);
}

function isQuery([first]: readonly Token[]): boolean {
  return first === undefined || isWord(first, 'SELECT', 'WITH', 'VALUES');
}

function splitByCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isOperator(token, '(')) depth += 1;
    if (isOperator(token, ')')) depth -= 1;
    if (depth === 0 && isOperator(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
