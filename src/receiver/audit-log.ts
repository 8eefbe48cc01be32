import type { AuditLogPage, ListedEvent } from '../api/audit-log.ts';
import { CollectorError } from '../errors.ts';
import type { CursorTrust } from './cursor-trust.ts';
import type { Asked, Receiver, WalkPage } from './receiver.ts';

/** One page: `after` is a cursor, the times are inclusive Unix seconds. */
export type ReadPage = (
  query: { readonly gte?: number | undefined; readonly lte?: number | undefined; readonly after?: string | undefined },
  signal: AbortSignal,
) => Promise<AuditLogPage>;

/** A receiver that follows cursors, and goes on by time where a cursor leads nowhere. */
export function createAuditLogReceiver(readPage: ReadPage, trust: CursorTrust): Receiver {
  return { walk: (asked, signal) => walk(readPage, trust, asked, signal) };
}

async function* walk(
  readPage: ReadPage,
  trust: CursorTrust,
  asked: Asked,
  signal: AbortSignal,
): AsyncGenerator<WalkPage> {
  const progress = new Progress(asked);
  let { gte, lte }: Asked = asked;
  let after: string | undefined;
  for (;;) {
    const boundary = after === undefined ? undefined : progress.oldest;
    const page = await readPage({ gte, lte, after }, signal);
    progress.take(page);
    const fault = progress.cursorFault(page, after);
    // A cursor made of a time instead of an id would skip what shares the boundary's second.
    if (fault === undefined && boundary !== undefined && progress.descending) {
      await checkBoundary(readPage, trust, progress, page, boundary, signal);
    }
    yield progress.page(fault === undefined && !page.hasMore);
    if (fault === undefined) {
      if (!page.hasMore) return;
      after = page.lastId;
    } else {
      lte = progress.restart(fault, lte);
      gte = asked.gte;
      after = undefined;
    }
  }
}

async function checkBoundary(
  readPage: ReadPage,
  trust: CursorTrust,
  progress: Progress,
  page: AuditLogPage,
  second: number,
  signal: AbortSignal,
): Promise<void> {
  if (page.events[0]?.effectiveAt === second) return trust.confirm();
  if (!trust.wantsCheck()) return;
  const alone = await readPage({ gte: second, lte: second }, signal);
  if (alone.hasMore) return;
  const skipped = progress.addMissing(alone.events);
  if (skipped > 0) trust.refute();
  else trust.confirm();
}

/** What a walk has seen. */
class Progress {
  readonly #asked: Asked;
  readonly #seen = new Set<string>();
  readonly #cursors = new Set<string>();
  #fresh: ListedEvent[] = [];
  #restartedAt: number | undefined;
  oldest: number | undefined;
  descending = true;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  take(page: AuditLogPage): void {
    this.#fresh = [];
    for (const event of page.events) {
      this.#mustBeAsked(event);
      // An event met again (a page read by time starts with known ones) says nothing about the order.
      if (!this.#add(event)) continue;
      if (this.oldest !== undefined && event.effectiveAt > this.oldest) this.descending = false;
      this.oldest = Math.min(this.oldest ?? event.effectiveAt, event.effectiveAt);
    }
    for (const event of page.extra) this.#add(event);
  }

  /** Why the next page cannot be had by this page's cursor; undefined when it can, or need not. */
  cursorFault(page: AuditLogPage, after: string | undefined): string | undefined {
    const nothingNew = this.#fresh.length === 0;
    if (page.hasMore && page.events.length === 0) return 'an empty page said that more follows';
    if (after !== undefined && nothingNew && page.events.length > 0) return 'a page held only events of pages before';
    if (!page.hasMore) return undefined;
    if (page.lastId === undefined) return 'a page said that more follows, but gave no cursor';
    if (this.#cursors.has(page.lastId)) return 'a cursor came again';
    this.#cursors.add(page.lastId);
    return undefined;
  }

  /** The `lte` with which the walk goes on by time. */
  restart(fault: string, lte: number | undefined): number {
    if (!this.descending || this.oldest === undefined) throw malformed(fault);
    if (this.#restartedAt === this.oldest && this.#fresh.length === 0) throw malformed(fault);
    this.#restartedAt = this.oldest;
    this.#cursors.clear();
    return Math.min(this.oldest, lte ?? this.oldest);
  }

  addMissing(events: readonly ListedEvent[]): number {
    return events.filter(event => this.#add(event)).length;
  }

  page(ended: boolean): WalkPage {
    return { events: this.#fresh, oldest: this.oldest, descending: this.descending, ended };
  }

  #add(event: ListedEvent): boolean {
    // The type belongs to the identity: an id met again with another type is another event.
    const key = `${event.uid}\n${event.type}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    this.#fresh.push(event);
    return true;
  }

  #mustBeAsked({ effectiveAt, timeIsNeighbours }: ListedEvent): void {
    if (timeIsNeighbours) return;
    const { gte = Number.NEGATIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = this.#asked;
    if (effectiveAt < gte || effectiveAt > lte) throw malformed(`an event of second ${effectiveAt} was not asked for`);
  }
}

function malformed(what: string): CollectorError {
  return new CollectorError('malformed', `the audit log's pages contradict each other: ${what}`);
}
