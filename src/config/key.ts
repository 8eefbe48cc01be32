import type { Format, Reading } from './format.ts';

/** One setting: the source of its validation, its default and its documentation. */
export interface Key<T> {
  readonly kind: 'key';
  /** One sentence for the documentation. */
  readonly doc: string;
  readonly format: Format<T>;
  /** As a person would write it; undefined where there is none. */
  readonly default: unknown;
  /** What to say when it is missing, for a key that must be there. */
  readonly missing?: string;
  /** Standard variables that speak where the YAML is silent, strongest first. */
  readonly variables?: readonly string[];
  /** What a variable's text would be in YAML; as it is, when absent. */
  readonly fromVariable?: (text: string) => Reading<unknown>;
  /** Its variable's pairs are added to those of the YAML, and a bad one is only warned of, as OpenTelemetry specifies. */
  readonly adds?: true;
  /** Keys of one section and one group are taken from the YAML or from variables, never mixed. */
  readonly group?: string;
  /** Its value is never shown. */
  readonly secret?: true;
}

export interface Section<E extends Entries = Entries> {
  readonly kind: 'section';
  readonly entries: E;
}

export interface Entries {
  readonly [name: string]: Key<unknown> | Section;
}

/** What a valid section means. */
export type Values<S> =
  S extends Section<infer E>
    ? { readonly [K in keyof E]: E[K] extends Key<infer T> ? T : E[K] extends Section ? Values<E[K]> : never }
    : never;

type Details = Pick<Key<unknown>, 'missing' | 'variables' | 'fromVariable' | 'adds' | 'group' | 'secret'>;

export function section<const E extends Entries>(entries: E): Section<E> {
  return { kind: 'section', entries };
}

export function key<T>(format: Format<T>, fallback: unknown, doc: string, details: Details = {}): Key<T> {
  return { kind: 'key', format, default: fallback, doc, ...details };
}

/** A key that may stay away and has no default. */
export function optional<T>(format: Format<T>, doc: string, details: Details = {}): Key<T | undefined> {
  return { kind: 'key', format, default: undefined, doc, ...details };
}

/** A key that has no default and must be there. */
export function required<T>(format: Format<T>, missing: string, doc: string, details: Details = {}): Key<T> {
  return { kind: 'key', format, default: null, doc, missing, ...details };
}
