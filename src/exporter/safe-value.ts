import type { AnyValue, AnyValueMap } from '@opentelemetry/api-logs';
import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';

/** Deeper maps and arrays travel as JSON text: receivers limit nesting, and ours is recursive too. */
const DEEPEST = 64;

const SMALLEST_INT64 = -(2 ** 63);
const BEYOND_INT64 = 2 ** 63;

/**
 * What the SDK and both OTLP encodings carry as it is: nearly always the value itself, else a copy. One odd value would otherwise make a backend refuse its
 * whole batch, or vanish without a word. Everything else stays as it was:
 *
 * | value | becomes |
 * |---|---|
 * | NaN, Infinity, an integer beyond int64 | its text: `"NaN"`, `"1e+21"` |
 * | bigint | a number when that is exact, else its decimal text |
 * | undefined, function, symbol | left out; in an array, null |
 * | Date | RFC 3339 text; an invalid one, null |
 * | a lone surrogate in a text or key | U+FFFD |
 * | an object met again inside itself | `"[circular]"`; one met twice side by side is written twice |
 * | below 64 levels | JSON text |
 *
 * A float without a fraction (37.0) travels as an integer: JavaScript cannot tell them apart.
 */
export function safeBody(value: unknown): AnyValue {
  return isSafe(value, wellFormedKey, 0) ? value : safeValue(value, { safeKey: wellFormedKey, ancestors: [] });
}

/**
 * The same for attributes. Besides, the SDK drops empty keys, and loses those that every JavaScript object has
 * (`constructor`, `__proto__`): each gets a `_` at its end. It loses an attribute that holds one object twice, too.
 */
export function safeAttributes(attributes: Readonly<Record<string, unknown>>): AnyValueMap {
  const isSafeMap = isSafe(attributes, attributeKey, 0) && !Object.values(attributes).some(value => repeats(value));
  return isSafeMap ? (attributes as AnyValueMap) : safeMap(attributes, { safeKey: attributeKey, ancestors: [] });
}

/** Whether a value, of which it is known that it is no circle, holds an object more than once. */
function repeats(value: unknown, seen = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (seen.has(value)) return true;
  seen.add(value);
  return Object.values(value).some(inner => repeats(inner, seen));
}

/** Whether a copy would be equal. */
function isSafe(value: unknown, safeKey: (key: string) => string, depth: number): value is AnyValue {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return isCarried(value);
    case 'boolean':
      return true;
    case 'object':
      return value === null || (depth < DEEPEST && isSafeObject(value, safeKey, depth + 1));
    default:
      return false;
  }
}

function isSafeObject(value: object, safeKey: (key: string) => string, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) if (!isSafe(value[i], safeKey, depth)) return false;
    return true;
  }
  // A Date is none, nor anything else with a class.
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  const map = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(map)) if (safeKey(key) !== key || !isSafe(map[key], safeKey, depth)) return false;
  return true;
}

interface Way {
  readonly safeKey: (key: string) => string;
  readonly ancestors: readonly object[];
}

function safeValue(value: unknown, way: Way): AnyValue {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'number':
      return safeNumber(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : safeObject(value, way);
    default:
      return null;
  }
}

function safeNumber(value: number): number | string {
  return isCarried(value) ? value : String(value);
}

/** A double that is no integer, or one within int64. */
export function isCarried(value: number): boolean {
  return Number.isInteger(value) ? value >= SMALLEST_INT64 && value < BEYOND_INT64 : Number.isFinite(value);
}

function safeObject(value: object, way: Way): AnyValue {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (way.ancestors.includes(value)) return '[circular]';
  if (way.ancestors.length >= DEEPEST) return textOf(value).toWellFormed();
  if (!Array.isArray(value)) return safeMap(value, way);
  const inner = { ...way, ancestors: [...way.ancestors, value] };
  return Array.from(value, item => safeValue(item, inner));
}

function safeMap(value: object, way: Way): AnyValueMap {
  const inner = { ...way, ancestors: [...way.ancestors, value] };
  const entries = Object.entries(value).filter(([, item]) => isSaid(item));
  const taken = new Set(entries.map(([key]) => key));
  return Object.fromEntries(
    entries.map(([key, item]) => [freeKey(key, way.safeKey(key), taken), safeValue(item, inner)]),
  );
}

function isSaid(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** A changed key must not take the place of another one. */
function freeKey(original: string, safe: string, taken: Set<string>): string {
  if (safe === original) return original;
  let key = safe;
  while (taken.has(key)) key += '_';
  taken.add(key);
  return key;
}

function wellFormedKey(key: string): string {
  return key.toWellFormed();
}

function attributeKey(key: string): string {
  return isRenamed(key) ? `${key}_` : key.toWellFormed();
}

/** An attribute of this name, however deep inside of one, gets another. */
export function isRenamed(key: string): boolean {
  return key === '' || key in Object.prototype;
}

/** JSON.stringify recurses, and refuses circles; only what it overflows on is written the slow way. */
function textOf(value: object): string {
  try {
    return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  } catch (error) {
    return error instanceof RangeError ? jsonText(value as Value) : '[circular]';
  }
}
