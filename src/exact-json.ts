/**
 * JSON whose numbers keep what a double would round: ids of 64 bits, amounts with many digits. A body without such a
 * number, which is nearly every one, costs a scan besides its JSON.parse.
 */

/** Digits of the longest integer that BigInt is asked to read: reading longer ones takes the square of their length. */
const INT64_DIGITS = 19;

const INTEGER = /^-?\d+$/;

/** A number that is long, or has an exponent. What it finds inside a string costs time, and changes nothing. */
const SUSPECT = /[:[,]\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/**
 * Like JSON.parse, and throws like it. A number that a double does not hold exactly is a bigint when it is an integer
 * within int64, else a string: the text that stands in the source.
 */
export function parseExactly(text: string): unknown {
  return parse(text, exactValue as Reviver);
}

/**
 * The same, for a value that becomes text again: where a number is not held exactly stands what JSON.stringify writes
 * as the source had it.
 */
export function parseForText(text: string): unknown {
  return parse(text, sourceText as Reviver);
}

/** The number that such a place stands for, as near as a double comes; anything else as it is. */
export function nearestNumber(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Source.isRawJSON(value) ? Number(value.rawJSON) : value;
}

/** ECMAScript's source text access, which Node has and TypeScript's library does not know yet. */
const Source = JSON as unknown as {
  rawJSON(text: string): unknown;
  isRawJSON(value: object): value is { readonly rawJSON: string };
};

type Reviver = (key: string, value: unknown) => unknown;

function parse(text: string, reviver: Reviver): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    // Revivers recurse, JSON.parse alone does not: nested too deep for one, a rounded number is better than no event.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

interface Context {
  /** Only for a scalar. */
  readonly source?: string;
}

function exactValue(_key: string, value: unknown, { source }: Context): unknown {
  if (source === undefined || typeof value !== 'number' || isExact(value, source)) return value;
  return isInt64(source) ? BigInt(source) : source;
}

function sourceText(_key: string, value: unknown, { source }: Context): unknown {
  if (source === undefined || typeof value !== 'number' || isExact(value, source)) return value;
  return Source.rawJSON(source);
}

function isExact(value: number, source: string): boolean {
  if (!INTEGER.test(source)) return Number.isFinite(value) && significand(source) === significand(String(value));
  return Number.isSafeInteger(value) || (String(value) === source && BigInt(value) === BigInt(source));
}

/** The digits that count, whatever the exponent and the zeros around them: `-1.50e3` and `15` have the same. */
function significand(number: string): string {
  return number
    .replace(/[eE].*$|[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
}

function isInt64(source: string): boolean {
  if (!INTEGER.test(source) || source.length > INT64_DIGITS + 1) return false;
  const integer = BigInt(source);
  return BigInt.asIntN(64, integer) === integer;
}
