import { closest } from '../suggest.ts';
import { DURATION, parseDuration } from './duration.ts';
import { parseSize } from './size.ts';

/** What is wrong with a value. `message` goes on from the value, "fast" + "is not a duration"; without `subject` it stands alone. */
export interface Fault {
  /** Where inside the value: `[1].every`, or empty. */
  readonly at: string;
  readonly message: string;
  readonly subject?: { readonly value: unknown };
  /** The name at `at` is wrong, not its value. */
  readonly name?: true;
  /** The neighbouring key that this was meant to be: that it is missing is no further news. */
  readonly meant?: string | undefined;
}

export type Reading<T> = { readonly value: T } | { readonly faults: readonly Fault[] };

/** The part of JSON Schema that an editor needs to complete and to underline. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | false;
  readonly anyOf?: readonly JsonSchema[];
}

/** How a value may be written, and what it means. Messages never repeat the value: only the reporter knows whether it is a secret. */
export interface Format<T> {
  /** Free maps arrive as lists of pairs, since convict cannot hold dotted keys. */
  readonly shape: 'scalar' | 'list' | 'map';
  /** The accepted form in a few words. */
  readonly accepts: string;
  /** The same for an editor, as JSON Schema; that a reference may stand there instead is added later. */
  readonly json: JsonSchema;
  read(value: unknown): Reading<T>;
}

export function isNot(value: unknown, message: string): { readonly faults: readonly Fault[] } {
  return { faults: [{ at: '', message, subject: { value } }] };
}

/** `.name`, or `["na.me"]` for a name that would not be read back. */
export function nameSuffix(name: string): string {
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The path of something inside `path`. */
export function joinPath(path: string, suffix: string): string {
  return path === '' && suffix.startsWith('.') ? suffix.slice(1) : `${path}${suffix}`;
}

export function scalar<T>(
  accepts: string,
  read: (value: unknown) => Reading<T>,
  json: JsonSchema = { type: 'string' },
): Format<T> {
  return { shape: 'scalar', accepts, read, json: orReference(json) };
}

/** Any scalar may hold `${env:NAME}` and the like. */
function orReference(json: JsonSchema): JsonSchema {
  return json.type === 'string' && json.pattern === undefined
    ? json
    : { anyOf: [json, { type: 'string', pattern: '\\$\\{' }] };
}

/** Text that matches `pattern`. `accepts` follows "is not". */
export function text(accepts: string, pattern: RegExp, hint: string): Format<string> {
  return scalar(
    accepts,
    value => {
      if (typeof value !== 'string') return isNot(value, `is not text; ${isPlain(value) ? 'put it in quotes' : hint}`);
      return pattern.test(value) ? { value } : isNot(value, `is not ${accepts}; ${hint}`);
    },
    { type: 'string', pattern: pattern.source },
  );
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

export function boolean(): Format<boolean> {
  const read = (value: unknown): Reading<boolean> => {
    if (value === true || value === 'true') return { value: true };
    if (value === false || value === 'false') return { value: false };
    return isNot(value, 'is neither true nor false');
  };
  return scalar('true or false', read, { type: 'boolean' });
}

/** One of a few words. `instead` says what to do about a word that is known and not possible. */
export function oneOf<const T extends string>(
  words: readonly T[],
  instead: Readonly<Record<string, string>> = {},
): Format<T> {
  const accepts = words.slice(0, -1).join(', ') + (words.length > 1 ? ' or ' : '') + words.at(-1);
  return scalar(
    accepts,
    value => {
      const word = words.find(each => each === value);
      if (word !== undefined) return { value: word };
      if (typeof value === 'string' && Object.hasOwn(instead, value)) return isNot(value, `${instead[value]}`);
      const meant = typeof value === 'string' ? closest(value, words) : undefined;
      return isNot(
        value,
        `is not possible here; write ${accepts}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
      );
    },
    { enum: words },
  );
}

/** What a number, a duration or a size may be. `because` says why not more. */
interface Bounds<B> {
  readonly min: B;
  readonly max: B;
  readonly because?: string;
}

export function integer(bounds: Bounds<number>): Format<number> {
  return bounded(
    `a whole number from ${bounds.min} to ${bounds.max}`,
    'is not a whole number',
    bounds,
    value => {
      if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
      return Number.isSafeInteger(value) ? Number(value) : undefined;
    },
    { type: 'integer', minimum: bounds.min, maximum: bounds.max },
  );
}

/** Milliseconds. */
export function duration(bounds: Bounds<string>): Format<number> {
  const accepts = `a duration from ${bounds.min} to ${bounds.max}`;
  const hint = 'is not a duration; write for example 10s, 500ms or 1m30s';
  return bounded(accepts, hint, bounds, value => (typeof value === 'string' ? parseDuration(value) : undefined), {
    type: 'string',
    pattern: DURATION.source,
  });
}

/** Bytes. */
export function size(bounds: Bounds<string>): Format<number> {
  const accepts = `a size from ${bounds.min} to ${bounds.max}`;
  const hint = 'is not a size; write for example 2MiB, 500KB or a number of bytes';
  return bounded(
    accepts,
    hint,
    bounds,
    value => (isPlain(value) || typeof value === 'string' ? parseSize(`${value}`) : undefined),
    { type: ['string', 'integer'] },
  );
}

function bounded(
  accepts: string,
  hint: string,
  { min, max, because }: Bounds<string | number>,
  parse: (value: unknown) => number | undefined,
  json: JsonSchema,
): Format<number> {
  return scalar(
    accepts,
    value => {
      const parsed = parse(value);
      if (parsed === undefined) return isNot(value, hint);
      if (parsed < (parse(min) ?? 0)) return isNot(value, `is too little; at least ${min}`);
      if (parsed > (parse(max) ?? 0))
        return isNot(value, `is too much; at most ${max}${because === undefined ? '' : `: ${because}`}`);
      return { value: parsed };
    },
    json,
  );
}

export function list<T>(item: Format<T>): Format<readonly T[]> {
  const accepts = `a list, each element ${item.accepts}`;
  return {
    shape: 'list',
    accepts,
    json: { type: 'array', items: item.json },
    read(value) {
      if (!Array.isArray(value)) return isNot(value, `is not ${accepts}`);
      return together(value.map((each, index) => within(`[${index}]`, item.read(each))));
    },
  };
}

/** A map from free names to values. */
export function mapOf<T>(name: Format<string>, item: Format<T>): Format<Readonly<Record<string, T>>> {
  const accepts = `a map from ${name.accepts} to ${item.accepts}`;
  return {
    shape: 'map',
    accepts,
    json: { type: 'object', additionalProperties: item.json },
    read(value) {
      if (!Array.isArray(value)) return isNot(value, `is not ${accepts}`);
      const entries = together(value.map(pair => readPair(pair, name, item)));
      return 'faults' in entries ? entries : { value: Object.fromEntries(entries.value) };
    },
  };
}

function readPair<T>(pair: unknown, name: Format<string>, item: Format<T>): Reading<readonly [string, T]> {
  const [key, each]: readonly unknown[] = Array.isArray(pair) ? pair : [];
  const at = nameSuffix(String(key));
  const named = name.read(key);
  if ('faults' in named)
    return { faults: named.faults.map(fault => ({ at, message: `the name ${fault.message}`, name: true })) };
  const reading = within(at, item.read(each));
  return 'faults' in reading ? reading : { value: [named.value, reading.value] };
}

/** A map of fixed names, all required. */
export function record<T extends object>(
  fields: { readonly [K in keyof T]: Format<T[K]> },
  example: string,
): Format<T> {
  const formats = Object.entries<Format<unknown>>(fields);
  const names = formats.map(([name]) => name);
  const read = (value: unknown): Reading<T> => {
    if (!(value instanceof Map)) return isNot(value, `is not a map; write ${example}`);
    const unknown = [...value.keys()].filter(key => !names.includes(key)).map(key => unknownName(key, names));
    const readings = formats.map(([name, format]): Reading<readonly [string, unknown]> => {
      if (value.get(name) === undefined)
        return { faults: [{ at: `.${name}`, message: `is missing; write ${example}` }] };
      const reading = within(`.${name}`, format.read(value.get(name)));
      return 'faults' in reading ? reading : { value: [name, reading.value] };
    });
    const entries = together([...unknown, ...readings]);
    return 'faults' in entries ? entries : { value: Object.fromEntries(entries.value) as T };
  };
  const properties = Object.fromEntries(formats.map(([name, { json }]) => [name, json]));
  const json = { type: 'object', properties, required: names, additionalProperties: false } as const;
  return { shape: 'scalar', accepts: `like ${example}`, json, read };
}

function unknownName(name: string, known: readonly string[]): { readonly faults: readonly Fault[] } {
  return { faults: [{ ...unknownKey(name, known), at: nameSuffix(name) }] };
}

/** What to say about a key that is not in `known`. */
export function unknownKey(name: string, known: readonly string[]): Fault {
  const meant = closest(name, known);
  const advice = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${meant}\`?`;
  return { at: '', message: `unknown key; ${advice}`, name: true, meant };
}

/** The same format with a further rule on what was read. */
export function refined<T>(format: Format<T>, check: (value: T) => readonly Fault[]): Format<T> {
  return {
    ...format,
    read(value) {
      const reading = format.read(value);
      const faults = 'faults' in reading ? [] : check(reading.value);
      return faults.length > 0 ? { faults } : reading;
    },
  };
}

function within<T>(at: string, reading: Reading<T>): Reading<T> {
  return 'faults' in reading
    ? { faults: reading.faults.map(fault => ({ ...fault, at: `${at}${fault.at}` })) }
    : reading;
}

function together<T>(readings: readonly Reading<T>[]): Reading<readonly T[]> {
  const faults = readings.flatMap(reading => ('faults' in reading ? reading.faults : []));
  return faults.length > 0
    ? { faults }
    : { value: readings.flatMap(reading => ('faults' in reading ? [] : [reading.value])) };
}
