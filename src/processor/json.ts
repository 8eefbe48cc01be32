import type { Value } from '../record.ts';

/** Reading parsed JSON whose shape nobody promises: what is not there, or is of another shape, is undefined. */

/** The value below `path`, through own properties of maps only. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isMap(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** A string that says something. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function isMap(value: unknown): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const DECIMAL = /^-?\d{1,20}(?:\.\d{1,20})?$/;

/** A number, or a string that is one in decimal notation, within [min, max]. */
export function numberWithin(value: unknown, min: number, max: number): number | undefined {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= min && number <= max ? number : undefined;
}
