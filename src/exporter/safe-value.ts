import type { AnyValue, AnyValueMap } from '@opentelemetry/api-logs';

/** Deeper maps and arrays travel as JSON text: receivers limit nesting, and ours is recursive too. */
const DEEPEST = 64;

const SMALLEST_INT64 = -(2 ** 63);
const BEYOND_INT64 = 2 ** 63;

/**
 * A copy that the SDK and both OTLP encodings carry as it is. One odd value would otherwise make a backend refuse its
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
  return safeValue(value, { safeKey: wellFormedKey, ancestors: [] });
}

/**
 * The same for attributes. Besides, the SDK drops empty keys, and loses those that every JavaScript object has
 * (`constructor`, `__proto__`): each gets a `_` at its end.
 */
export function safeAttributes(attributes: Readonly<Record<string, unknown>>): AnyValueMap {
  return safeMap(attributes, { safeKey: attributeKey, ancestors: [] });
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
  if (!Number.isFinite(value)) return String(value);
  const overflows = Number.isInteger(value) && (value < SMALLEST_INT64 || value >= BEYOND_INT64);
  return overflows ? String(value) : value;
}

function safeObject(value: object, way: Way): AnyValue {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (way.ancestors.includes(value)) return '[circular]';
  if (way.ancestors.length >= DEEPEST) return jsonText(value);
  if (!Array.isArray(value)) return safeMap(value, way);
  const inner = { ...way, ancestors: [...way.ancestors, value] };
  return Array.from(value, item => safeValue(item, inner));
}

function safeMap(value: object, way: Way): AnyValueMap {
  const inner = { ...way, ancestors: [...way.ancestors, value] };
  const entries = Object.entries(value).filter(([, item]) => isCarried(item));
  const taken = new Set(entries.map(([key]) => key));
  return Object.fromEntries(
    entries.map(([key, item]) => [freeKey(key, way.safeKey(key), taken), safeValue(item, inner)]),
  );
}

function isCarried(value: unknown): boolean {
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
  return key === '' || key in Object.prototype ? `${key}_` : key.toWellFormed();
}

function jsonText(value: object): string {
  try {
    return JSON.stringify(value).toWellFormed();
  } catch {
    return '[too deep]';
  }
}
