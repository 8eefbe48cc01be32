import type { Value } from './record.ts';

type Scalar = string | number | bigint | boolean | null;

/** What is still to be written: a value, or text that stands between values. */
type Pending = { readonly value: Value } | { readonly text: string };

/**
 * JSON text like JSON.stringify's, without its recursion: no nesting overflows the stack. A bigint is written as the
 * integer it is; the infinities, of which JSON.stringify makes null, become the strings "Infinity" and "-Infinity".
 */
export function jsonText(value: Value): string {
  const parts: string[] = [];
  const pending: Pending[] = [{ value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) parts.push(next.text);
    else if (typeof next.value === 'object' && next.value !== null) pushReversed(pending, inner(next.value));
    else parts.push(scalarText(next.value));
  }
  return parts.join('');
}

function scalarText(value: Scalar): string {
  if (typeof value === 'bigint') return String(value);
  const finite = typeof value !== 'number' || Number.isFinite(value);
  return JSON.stringify(finite ? value : String(value));
}

function inner(value: Exclude<Value, Scalar>): readonly Pending[] {
  return isArray(value)
    ? [
        { text: '[' },
        ...value.flatMap((item, index) => [{ text: index > 0 ? ',' : '' }, { value: item }]),
        { text: ']' },
      ]
    : [{ text: '{' }, ...Object.entries(value).flatMap(member), { text: '}' }];
}

function member([key, value]: readonly [string, Value], index: number): readonly Pending[] {
  return [{ text: `${index > 0 ? ',' : ''}${JSON.stringify(key)}:` }, { value }];
}

/** A loop, since `push(...items)` overflows the stack for a long list. */
function pushReversed(stack: Pending[], items: readonly Pending[]): void {
  for (const item of items.toReversed()) stack.push(item);
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
