import { ApiError, invalidValue } from './api-error.ts';

/** The parameters of one request, by name; a name in brackets (`event_types[]`) may be repeated, any other comes once. */
export class Parameters {
  readonly #values = new Map<string, readonly string[]>();

  /** Throws a 400 for a name that is not among `known` (unless `lenient`), and for one that may not be repeated. */
  constructor(query: string, known: readonly string[], lenient: boolean) {
    const given = new URLSearchParams(query);
    for (const name of new Set(given.keys())) {
      if (!known.includes(name)) {
        if (lenient) continue;
        throw new ApiError(400, `Unknown parameter: '${name}'.`, { param: name, code: 'unknown_parameter' });
      }
      const values = given.getAll(name);
      if (values.length > 1 && !name.endsWith('[]')) throw invalidValue(name, `'${name}' may be given only once.`);
      this.#values.set(name, values);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  texts(name: string): readonly string[] | undefined {
    return this.#values.get(name);
  }

  flag(name: string): boolean {
    const text = this.text(name) ?? 'false';
    if (text !== 'true' && text !== 'false') {
      throw invalidValue(name, `Invalid value for '${name}': expected a boolean, but got '${text}' instead.`);
    }
    return text === 'true';
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw invalidValue(name, `Invalid value for '${name}': expected an integer, but got '${text}' instead.`);
    }
    return value;
  }

  limit({ fallback, most }: { readonly fallback: number; readonly most: number }): number {
    const limit = this.integer('limit') ?? fallback;
    if (limit < 1 || limit > most) {
      throw new ApiError(400, `Invalid 'limit': expected a value from 1 to ${most}, but got ${limit} instead.`, {
        param: 'limit',
        code: limit < 1 ? 'integer_below_min_value' : 'integer_above_max_value',
      });
    }
    return limit;
  }
}
