import { parseDurationMs } from './duration.ts';

/** A control request that cannot be carried out; the message says where and what is expected. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** Gives the value its type or throws a ControlError that names the place. */
export type Check<T> = (value: unknown, place: string) => T;

export const text: Check<string> = (value, place) =>
  typeof value === 'string' ? value : refuse(place, 'a text', value);

export const flag: Check<boolean> = (value, place) =>
  typeof value === 'boolean' ? value : refuse(place, 'true or false', value);

export const count: Check<number> = (value, place) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : refuse(place, 'a whole number from 0', value);

export const integer: Check<number> = (value, place) =>
  Number.isSafeInteger(value) ? Number(value) : refuse(place, 'a whole number', value);

export const amount: Check<number> = (value, place) =>
  typeof value === 'number' && value >= 0 ? value : refuse(place, 'a number from 0', value);

/** Milliseconds, from a number of them or a text such as "30s". */
export const duration: Check<number> = (value, place) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
  return ms ?? refuse(place, 'milliseconds or a duration such as "30s"', value);
};

export const object: Check<Readonly<Record<string, unknown>>> = (value, place) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(place, 'an object', value);

export function oneOf<const V extends readonly unknown[]>(...values: V): Check<V[number]> {
  return (value, place) =>
    values.find(each => each === value) ??
    refuse(place, `one of ${values.map(each => JSON.stringify(each)).join(', ')}`, value);
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, place) =>
    Array.isArray(value)
      ? value.map((item, index) => check(item, `${place}[${index}]`))
      : refuse(place, 'a list', value);
}

export function valuesOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, place) =>
    Object.fromEntries(
      Object.entries(object(value, place)).map(([key, item]) => [key, check(item, `${place}.${key}`)]),
    );
}

type Shape = Readonly<Record<string, Check<unknown>>>;
type Fields<S extends Shape> = { readonly [K in keyof S]?: S[K] extends Check<infer T> ? T : never };

/** An object with some of these fields and no others. */
export function fields<const S extends Shape>(shape: S): Check<Fields<S>> {
  return (value, place) => {
    const checked = Object.entries(object(value, place)).map(([key, item]) => {
      const check = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (check === undefined) {
        throw new ControlError(
          `${place}: there is no field ${JSON.stringify(key)}; there are ${Object.keys(shape).join(', ')}`,
        );
      }
      return [key, check(item, `${place}.${key}`)];
    });
    return Object.fromEntries(checked);
  };
}

/** A field that must be there. */
export function required<T>(value: T | undefined, place: string): T {
  if (value === undefined) throw new ControlError(`${place} is missing`);
  return value;
}

function refuse(place: string, expected: string, value: unknown): never {
  const shown = JSON.stringify(value) ?? String(value);
  throw new ControlError(
    `${place}: expected ${expected}, got ${shown.length > 80 ? `${shown.slice(0, 80)}...` : shown}`,
  );
}
