import { type Expression, expressionOf } from './expression.ts';
import { isOperator, isWord, type Token } from './token.ts';

/** The SELECT that reads a table: what its rows must pass before anything else in the statement sees them. */
export interface Core {
  /** By which its columns may be called: the alias, or else the table's name. */
  readonly alias: string;
  readonly hasWhere: boolean;
  /** Undefined without one, and where it is not understood. */
  readonly where: Expression | undefined;
  /** All tokens of the SELECT itself, without what is in parentheses. */
  readonly tokens: readonly Token[];
  /** Whether it is the whole statement, and reads nothing else. */
  readonly isAlone: boolean;
}

/** Each place where the statement reads the table, undefined where it is not understood. */
export function coresOf(tokens: readonly Token[], table: string): readonly (Core | undefined)[] {
  const levels = levelsOf(tokens);
  return tokens.flatMap((token, at) => {
    const isNamed = (token.kind === 'word' || token.kind === 'quoted') && token.name === table;
    return isNamed && !isOperator(tokens[at + 1], '.') ? [coreAt(tokens, levels, at)] : [];
  });
}

/** For each token what opened the parentheses that it is in, -1 outside of all. A parenthesis is outside of itself. */
function levelsOf(tokens: readonly Token[]): readonly number[] {
  const open: number[] = [];
  return tokens.map((token, at) => {
    if (isOperator(token, ')')) open.pop();
    const level = open.at(-1) ?? -1;
    if (isOperator(token, '(')) open.push(at);
    return level;
  });
}

const COMPOUND = ['UNION', 'INTERSECT', 'EXCEPT'];
const AFTER_WHERE = ['GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT'];

function coreAt(tokens: readonly Token[], levels: readonly number[], at: number): Core | undefined {
  const level = levels[at] ?? -1;
  const here = tokens.map((token, i) => ({ token, i })).filter(({ i }) => levels[i] === level);
  const place = here.findIndex(({ i }) => i === at);
  const begin = here.findLastIndex(({ token }, i) => i < place && isWord(token, 'SELECT'));
  const isEnd = ({ token }: { readonly token: Token }) => isWord(token, ...COMPOUND) || isOperator(token, ';');
  const end = here.findIndex((each, i) => i > place && isEnd(each));
  if (begin === -1 || here.slice(begin, place).some(isEnd)) return undefined;
  const core = here.slice(begin, end === -1 ? here.length : end);
  const own = core.map(({ token }) => token);
  const from = own.findIndex((token, i) => isWord(token, 'FROM') && !isWord(own[i - 1], 'DISTINCT'));
  const where = own.findIndex((token, i) => i > from && isWord(token, 'WHERE'));
  const reads = own.slice(from + 1, where === -1 ? own.findIndex(token => isWord(token, ...AFTER_WHERE)) : where);
  const table = reads.indexOf(tokens[at] as Token);
  const before = own[from + table];
  if (from === -1 || table === -1 || !(isWord(before, 'FROM', 'JOIN') || isOperator(before, ','))) return undefined;
  // Their columns belong to two tables at once.
  if (reads.some(token => isWord(token, 'NATURAL', 'USING'))) return undefined;
  const alias = aliasAfter(reads.slice(table + 1)) ?? (tokens[at] as Token);
  return {
    alias: alias.name,
    hasWhere: where !== -1,
    where: where === -1 ? undefined : whereOf(tokens, core.slice(where + 1)),
    tokens: own,
    isAlone: begin === 0 && end === -1 && level === -1 && isOnly(reads, alias),
  };
}

function aliasAfter([first, second]: readonly Token[]): Token | undefined {
  if (isWord(first, 'AS')) return second;
  if (first?.kind === 'quoted') return first;
  return first?.kind === 'word' && !AFTER_TABLE.test(first.text) ? first : undefined;
}

const AFTER_TABLE = /^(?:as|on|using|join|natural|left|right|full|inner|outer|cross|indexed|not|where)$/i;

/** Whether nothing but one table and its alias is read. */
function isOnly(reads: readonly Token[], alias: Token): boolean {
  return reads.slice(1).every(token => token === alias || isWord(token, 'AS'));
}

/** With what is in parentheses. */
function whereOf(
  tokens: readonly Token[],
  after: readonly { readonly token: Token; readonly i: number }[],
): Expression | undefined {
  const [first] = after;
  const end = after.find(({ token }) => isWord(token, ...AFTER_WHERE))?.i;
  if (first === undefined) return undefined;
  const last = after.at(-1)?.i ?? first.i;
  return expressionOf(tokens.slice(first.i, end ?? last + 1));
}
