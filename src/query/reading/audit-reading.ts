import type { ListedEvent } from '../../api/audit-log.ts';
import { CollectorError } from '../../errors.ts';
import { EVENT_TYPES } from '../../processor/event-types.ts';
import type { Note } from '../note.ts';
import type { Row } from '../tables/table.ts';
import { type Filter, fulfils, TYPES, type Wanted } from './audit-filters.ts';
import { type AuditSource, newestOf, type Pages, pagesOf } from './audit-source.ts';
import { requestsLeft } from './density.ts';

/** What is wanted of one stream, from its newest event on. */
export interface AuditReading {
  readonly source: AuditSource;
  readonly pages: AsyncGenerator<Pages, undefined>;
  /** The first of them. */
  readonly first: Pages;
  /** About how many requests it takes after a page. Asks the API for it where that is not plain to see. */
  readonly requestsAfter: (page: Pages) => Promise<number>;
}

export interface AuditReadingOptions {
  readonly source: AuditSource;
  readonly wanted: Wanted;
  /** An event with the columns that filters judge by. */
  readonly rowOf: (event: ListedEvent) => Row;
  readonly note: Note;
}

/** Asks for as much as shows how to go on: all that is wanted, where that is not more than a page. */
export async function openAuditReading(options: AuditReadingOptions, signal: AbortSignal): Promise<AuditReading> {
  const { source, wanted } = options;
  const everything = await begun(source, wanted.span, [], signal);
  const { first } = everything;
  if (first.ended || wanted.filters.length === 0) return everything;
  const expected = first.events.filter(event => fulfils(options.rowOf(event), wanted.filters));
  const found = await filtered(source, wanted, signal);
  if (found === 'not taken' || (found === 'nothing' && expected.length > 0)) return everything;
  if (found === 'nothing') return { ...everything, first: NONE, pages: of(NONE) };
  return { ...found, pages: checked(found.pages, expected, everything.pages, options) };
}

const NONE: Pages = { events: [], frontier: undefined, ended: true };

/**
 * The pages of a filtered list, as long as it shows everything that it should by what was seen without the filter; from
 * then on all pages.
 */
async function* checked(
  found: AsyncGenerator<Pages, undefined>,
  expected: readonly ListedEvent[],
  everything: AsyncGenerator<Pages, undefined>,
  { note }: AuditReadingOptions,
): AsyncGenerator<Pages, undefined> {
  const missing = new Map(expected.map(event => [event.uid, event]));
  // Who has enough after the first page must have these too.
  yield { events: expected, frontier: undefined, ended: false };
  const judgedBelow = Math.min(...expected.map(({ effectiveAt }) => effectiveAt));
  for await (const page of found) {
    for (const { uid } of page.events) missing.delete(uid);
    const isJudged = page.ended || (page.frontier ?? judgedBelow) < judgedBelow;
    const [lost] = missing.values();
    if (isJudged && lost !== undefined) {
      note(
        `the API's filters leave out what they should find (${lost.uid}): everything is read instead`,
        'filter-broken',
      );
      yield { ...page, ended: false, frontier: undefined };
      yield* everything;
      return;
    }
    yield page;
  }
}

/**
 * What the API finds with the filters, or with those of them that it takes. `nothing` when by its own word nothing can be
 * found: the tenant stream refuses types that are not of tenants. Any other refusal of a type says nothing of its events.
 */
async function filtered(
  source: AuditSource,
  { span, filters }: Wanted,
  signal: AbortSignal,
): Promise<AuditReading | 'nothing' | 'not taken'> {
  const take = (asked: readonly Filter[]) => ifTaken(begun(source, span, asked, signal));
  const found = await take(filters);
  if (found !== undefined) return found;
  const types = filters.find(({ parameter }) => parameter === TYPES);
  const accepted = new Set<string>();
  for (const type of types?.values ?? []) {
    const isTaken = await ifTaken(
      newestOf(source, span, [{ parameter: TYPES, column: '', values: new Set([type]) }], 1, signal),
    );
    if (isTaken !== undefined) accepted.add(type);
  }
  const refused = [...(types?.values ?? [])].filter(type => !accepted.has(type));
  const isCertain = source.stream === 'tenant' && refused.every(type => Object.hasOwn(EVENT_TYPES, type));
  if (types !== undefined && isCertain && accepted.size === 0) return 'nothing';
  const others = filters.filter(filter => filter !== types);
  const left = types !== undefined && isCertain ? [{ ...types, values: accepted }, ...others] : others;
  return (left.length > 0 ? await take(left) : undefined) ?? 'not taken';
}

/** Undefined when the API does not take the request. */
async function ifTaken<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CollectorError && (error.status === 400 || error.status === 422)) return undefined;
    throw error;
  }
}

async function begun(
  source: AuditSource,
  span: Wanted['span'],
  filters: readonly Filter[],
  signal: AbortSignal,
): Promise<AuditReading> {
  const rest = pagesOf(source, span, filters, signal);
  const first = (await rest.next()).value ?? NONE;
  const look = (lte: number) => newestOf(source, { ...span, lte }, filters, 100, signal);
  return {
    source,
    first,
    pages: rejoined(first, rest),
    requestsAfter: async page => (page.ended ? 0 : await requestsLeft(page.events, span, look)),
  };
}

async function* rejoined(first: Pages, rest: AsyncGenerator<Pages, undefined>): AsyncGenerator<Pages, undefined> {
  yield first;
  yield* rest;
}

async function* of(pages: Pages): AsyncGenerator<Pages, undefined> {
  yield pages;
}
