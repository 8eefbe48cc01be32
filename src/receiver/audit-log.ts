import type { AuditLogPage, ListedEvent } from '../api/audit-log.ts';
import { CollectorError } from '../errors.ts';
import { BoundTrust } from './bound-trust.ts';
import { CursorTrust } from './cursor-trust.ts';
import { OrderTrust } from './order-trust.ts';
import { PageLimit } from './page-limit.ts';
import type { Asked, Receiver, WalkPage } from './receiver.ts';

/** One page: `after` is a cursor, the times are inclusive Unix seconds, `limit` the most events wanted. */
export interface PageQuery {
  readonly gte?: number | undefined;
  readonly lte?: number | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export type ReadPage = (query: PageQuery, signal: AbortSignal) => Promise<AuditLogPage>;

/** A receiver that follows cursors, and goes on by time where a cursor leads nowhere. */
export function createAuditLogReceiver(readPage: ReadPage, trust: Trust): Receiver {
  const size = new PageLimit();
  const readSome: ReadSome = async (query, signal) => {
    try {
      const page = await readPage({ ...query, limit: size.limit }, signal);
      size.succeeded();
      return page;
    } catch (error) {
      size.failed(error);
      throw error;
    }
  };
  return {
    walk: (asked, signal) => walk(readSome, trust, asked, signal),
    boundsHold: () => trust.bounds.holds,
  };
}

/** What was learned of a stream's listing; all receivers of a stream share it. */
export interface Trust {
  readonly cursor: CursorTrust;
  readonly order: OrderTrust;
  readonly bounds: BoundTrust;
}

export function newTrust(): Trust {
  return { cursor: new CursorTrust(), order: new OrderTrust(), bounds: new BoundTrust() };
}

type ReadSome = (query: Omit<PageQuery, 'limit'>, signal: AbortSignal) => Promise<AuditLogPage>;

async function* walk(readPage: ReadSome, trust: Trust, asked: Asked, signal: AbortSignal): AsyncGenerator<WalkPage> {
  const progress = new Progress(asked, trust);
  let { lte }: Asked = asked;
  let after: string | undefined;
  for (;;) {
    const boundary = after === undefined ? undefined : progress.oldest;
    const page = await followed(readPage, { gte: asked.gte, lte, after }, signal);
    if (page === undefined) {
      lte = progress.restart('the API does not take its own cursor', lte);
      after = undefined;
      continue;
    }
    progress.take(page);
    const fault = progress.cursorFault(page, after);
    // A cursor made of a time instead of an id would skip what shares the boundary's second.
    if (fault === undefined && boundary !== undefined && progress.isInOrder) {
      await checkBoundary(readPage, trust.cursor, progress, page, boundary, signal);
    }
    yield progress.page(fault === undefined && !page.hasMore);
    if (fault !== undefined) {
      lte = progress.restart(fault, lte);
      after = undefined;
    } else if (page.hasMore) {
      after = page.lastId;
    } else {
      return;
    }
  }
}

/** A page; undefined when the API refuses the cursor that it gave. */
async function followed(readPage: ReadSome, query: Omit<PageQuery, 'limit'>, signal: AbortSignal) {
  try {
    return await readPage(query, signal);
  } catch (error) {
    const refused = error instanceof CollectorError && (error.status === 400 || error.status === 404);
    if (refused && query.after !== undefined) return undefined;
    throw error;
  }
}

async function checkBoundary(
  readPage: ReadSome,
  trust: CursorTrust,
  progress: Progress,
  page: AuditLogPage,
  second: number,
  signal: AbortSignal,
): Promise<void> {
  if (page.events[0]?.effectiveAt === second) return trust.confirm();
  if (!trust.wantsCheck()) return;
  const alone = await readPage({ gte: second, lte: second }, signal);
  progress.sawAlone(second, alone.events);
  if (alone.hasMore) return;
  const skipped = progress.addMissing(alone.events);
  if (skipped > 0) trust.refute();
  else trust.confirm();
}

/** What a walk has seen. */
class Progress {
  readonly #asked: Asked;
  readonly #order: OrderTrust;
  readonly #bounds: BoundTrust;
  readonly #seen = new Set<string>();
  /** Seen only beside a page, in a second document: the page that lists them is still to come. */
  readonly #beside = new Set<string>();
  readonly #cursors = new Set<string>();
  #fresh: ListedEvent[] = [];
  #moved = false;
  #restartedAt: number | undefined;
  isInOrder = true;
  oldest: number | undefined;

  constructor(asked: Asked, { order, bounds }: Trust) {
    this.#asked = asked;
    this.#order = order;
    this.#bounds = bounds;
  }

  get descending(): boolean {
    return this.isInOrder && this.#order.isDescending;
  }

  take(page: AuditLogPage): void {
    this.#fresh = [];
    this.#moved = false;
    for (const event of page.events) {
      this.#mustBeAsked(event);
      // An event met again (a page read by time starts with known ones) says nothing about the order.
      if (this.#add(event) || this.#beside.delete(keyOf(event))) this.#goOn(event);
    }
    for (const event of page.extra) if (this.#add(event)) this.#beside.add(keyOf(event));
  }

  #goOn({ effectiveAt }: ListedEvent): void {
    this.#moved = true;
    if (this.oldest !== undefined) {
      this.#order.observe(this.oldest, effectiveAt);
      if (effectiveAt > this.oldest) this.isInOrder = false;
    }
    this.oldest = Math.min(this.oldest ?? effectiveAt, effectiveAt);
  }

  /** Why the next page cannot be had by this page's cursor; undefined when it can, or need not. */
  cursorFault(page: AuditLogPage, after: string | undefined): string | undefined {
    if (page.hasMore && page.events.length === 0) return 'an empty page said that more follows';
    if (after !== undefined && !this.#moved && page.events.length > 0) return 'a page held only events of pages before';
    // The event of the cursor may be gone: to some that is the end of everything.
    if (after !== undefined && !page.hasMore && page.events.length === 0)
      return 'a page said that more follows, and none did';
    if (!page.hasMore) return undefined;
    if (page.lastId === undefined) return 'a page said that more follows, but gave no cursor';
    if (this.#cursors.has(page.lastId)) return 'a cursor came again';
    this.#cursors.add(page.lastId);
    return undefined;
  }

  /** The `lte` with which the walk goes on by time. */
  restart(fault: string, lte: number | undefined): number {
    if (!this.descending || this.oldest === undefined) throw malformed(fault);
    if (this.#restartedAt === this.oldest && !this.#moved) throw malformed(fault);
    this.#moved = false;
    this.#restartedAt = this.oldest;
    this.#cursors.clear();
    return Math.min(this.oldest, lte ?? this.oldest);
  }

  /** One that lists anything when it is asked for alone shows that both bounds are inclusive. */
  sawAlone(second: number, events: readonly ListedEvent[]): void {
    for (const { effectiveAt } of events) this.#bounds.observe(effectiveAt, { gte: second, lte: second });
  }

  addMissing(events: readonly ListedEvent[]): number {
    return events.filter(event => this.#add(event)).length;
  }

  page(ended: boolean): WalkPage {
    return { events: this.#fresh, oldest: this.oldest, descending: this.descending, ended };
  }

  #add(event: ListedEvent): boolean {
    const key = keyOf(event);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    this.#fresh.push(event);
    return true;
  }

  #mustBeAsked({ effectiveAt, timeIsNeighbours }: ListedEvent): void {
    if (timeIsNeighbours) return;
    const { gte = Number.NEGATIVE_INFINITY, lte = Number.POSITIVE_INFINITY } = this.#asked;
    if (effectiveAt < gte || effectiveAt > lte) throw malformed(`an event of second ${effectiveAt} was not asked for`);
    this.#bounds.observe(effectiveAt, this.#asked);
  }
}

/** The type belongs to the identity: an id met again with another type is another event. */
function keyOf(event: ListedEvent): string {
  return `${event.uid}\n${event.type}`;
}

function malformed(what: string): CollectorError {
  return new CollectorError('malformed', `the audit log's pages contradict each other: ${what}`);
}
