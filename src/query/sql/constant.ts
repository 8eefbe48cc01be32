import { isOperator, isWord, type Token } from './token.ts';

/** What may stand in an expression whose value is the same for every row, and each time that it is asked for. */
const FUNCTIONS =
  /^(?:abs|cast|coalesce|concat|date|datetime|floor|ceil|iif|ifnull|julianday|lower|max|min|nullif|printf|format|replace|round|strftime|substr|time|trim|unixepoch|upper)$/i;
const WORDS =
  /^(?:null|true|false|current_date|current_time|current_timestamp|as|int|integer|real|text|numeric|and|or|not|is|between)$/i;

/**
 * Whether these tokens are an expression without columns, parameters and queries, of functions that always say the same:
 * the time stands still while a query runs.
 */
export function isConstant(tokens: readonly Token[]): boolean {
  return tokens.every((token, at) => {
    if (token.kind === 'quoted' || token.kind === 'parameter') return false;
    if (token.kind !== 'word') return true;
    return isOperator(tokens[at + 1], '(') && !isWord(token, 'AND', 'OR', 'NOT', 'IS', 'BETWEEN', 'AS')
      ? FUNCTIONS.test(token.text)
      : WORDS.test(token.text);
  });
}
