import type { ListedEvent } from '../../api/audit-log.ts';
import type { Task } from '../../progress/progress.ts';
import type { Note } from '../note.ts';
import type { FirstRows } from '../sql/first-rows.ts';
import type { Row } from '../tables/table.ts';
import { FILTERED, type Wanted } from './audit-filters.ts';
import { type AuditReading, openAuditReading } from './audit-reading.ts';
import type { AuditSource, Pages } from './audit-source.ts';
import { type Consent, MANY } from './consent.ts';

export interface AuditLoadingOptions {
  readonly wanted: Wanted;
  /** Undefined when everything is needed. */
  readonly firstRows: FirstRows | undefined;
  readonly rowOf: (event: ListedEvent, source: AuditSource) => Row;
  readonly insert: (rows: readonly Row[]) => void;
  readonly consent: Consent;
  readonly begin: (source: AuditSource) => Task;
  /** The least time that so many requests take. */
  readonly leastMs: (source: AuditSource, requests: number) => number;
  readonly note: Note;
}

/** A stream that is being read. */
interface Under {
  readonly reading: AuditReading;
  readonly task: Task;
  total: number;
  done: number;
  frontier: number;
  ended: boolean;
}

/** The columns that reading itself looks at. */
export const LOOKED_AT: readonly string[] = [...FILTERED, 'effective_at'];

/** Puts what is wanted of these streams into the table, until it is all there, or enough of it. */
export async function loadAuditLogs(
  sources: readonly AuditSource[],
  options: AuditLoadingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { wanted, note, firstRows } = options;
  const readings = await Promise.all(
    sources.map(source =>
      openAuditReading({ source, wanted, note, rowOf: event => options.rowOf(event, source) }, signal),
    ),
  );
  const isEmpty = readings.every(({ first }) => first.ended && first.events.length === 0);
  if (isEmpty && Object.keys(wanted.span).length === 0 && wanted.filters.length === 0) {
    note('the audit log is empty: audit logging is probably switched off', 'audit-logging-off');
  }
  const totals = await totalsOf(readings, options);
  const streams = readings.map((reading, i): Under => {
    const task = options.begin(reading.source);
    return { reading, task, total: totals[i] ?? 1, done: 0, frontier: Number.POSITIVE_INFINITY, ended: false };
  });
  try {
    if (firstRows === undefined) await Promise.all(streams.map(stream => readAll(stream, options)));
    else await readEnough(streams, firstRows, options);
  } finally {
    for (const { task } of streams) task.end();
  }
}

/** How many requests each will take; of one that may end early nobody knows. Asks whether so many are meant. */
async function totalsOf(
  readings: readonly AuditReading[],
  { firstRows, consent }: AuditLoadingOptions,
): Promise<readonly number[]> {
  if (firstRows !== undefined) return [];
  const totals: number[] = [];
  for (const { first, requestsAfter } of readings) totals.push(1 + (await requestsAfter(first)));
  await consent.need(totals.reduce((sum, total) => sum + total, 0));
  return totals;
}

async function readAll(stream: Under, options: AuditLoadingOptions): Promise<void> {
  while (!stream.ended) await readPage(stream, options);
}

/** Always from the stream that is read the least far, so that what is read has no holes. */
async function readEnough(
  streams: readonly Under[],
  firstRows: FirstRows,
  options: AuditLoadingOptions,
): Promise<void> {
  let look = 1;
  for (let pages = 1; ; pages += 1) {
    const left = streams.filter(({ ended }) => !ended).toSorted((a, b) => b.frontier - a.frontier);
    const [next] = left;
    if (next === undefined) return;
    const page = await readPage(next, options);
    if (pages >= look) {
      const frontier = Math.max(...left.map(({ frontier, ended }) => (ended ? Number.NEGATIVE_INFINITY : frontier)));
      if (firstRows.areThere(frontier)) return;
      // Looking takes as long as there are rows.
      look = Math.ceil(pages * 1.1);
    }
    if (pages === MANY) {
      for (const { task } of streams) task.reached({ done: 0, total: 0 });
      await options.consent.need(pages + (await next.reading.requestsAfter(page)));
    }
  }
}

async function readPage(stream: Under, { rowOf, insert, leastMs }: AuditLoadingOptions): Promise<Pages> {
  const { source, pages } = stream.reading;
  const page = (await pages.next()).value ?? { events: [], frontier: undefined, ended: true };
  insert(page.events.map(event => rowOf(event, source)));
  stream.ended = page.ended;
  stream.frontier = page.frontier ?? Number.POSITIVE_INFINITY;
  stream.done += 1;
  stream.total = Math.max(stream.total, stream.done);
  const { done, total } = stream;
  stream.task.reached({ done, total, leastMs: () => leastMs(source, total - done) });
  return page;
}
