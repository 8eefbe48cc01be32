import { CollectorError } from '../errors.ts';
import type { AdminClient } from './admin-client.ts';
import type { Incomplete, Item, ListRequest, Stop } from './inventory.ts';
import { keyOf, type ListPage, readListPage } from './list-page.ts';

const MOST_PAGES = 10_000;
/** As often as OpenAI's own Terraform client asks; in between the limiter makes it wait. */
const MOST_ATTEMPTS = 5;

/** One way through a list, from its beginning. */
export class ListWalk {
  readonly #client: AdminClient;
  readonly #request: ListRequest;
  readonly #counter: { requests: number };
  readonly #items = new Map<string, Item>();
  readonly #cursors = new Set<string>();
  #after: string | undefined;
  #pageSize: number;
  pages = 0;
  sawTwice = false;

  constructor(client: AdminClient, request: ListRequest, counter: { requests: number }) {
    this.#client = client;
    this.#request = request;
    this.#counter = counter;
    this.#pageSize = request.pageSize;
  }

  get items(): readonly Item[] {
    return [...this.#items.values()];
  }

  /** Whether both saw the same things. */
  isLike(other: ListWalk | undefined): boolean {
    if (other === undefined || other.#items.size !== this.#items.size) return false;
    return [...this.#items.keys()].every(key => other.#items.has(key));
  }

  /** Or until it stops before. */
  async toItsEnd(signal: AbortSignal): Promise<'complete' | Stop> {
    while (this.pages < MOST_PAGES) {
      const page = await this.#page(signal);
      if ('why' in page) return page;
      this.pages += 1;
      const fault = this.#take(page);
      if (fault !== undefined) return fault;
      if (!page.hasMore) return 'complete';
      this.#after = page.cursor;
    }
    return stop('endless', `the list goes on after ${MOST_PAGES} pages`);
  }

  /** Keeps what is new; says why the list cannot go on, if it says that it does. */
  #take({ items, hasMore, cursor }: ListPage): Stop | undefined {
    const before = this.#items.size;
    for (const item of items) this.#items.set(keyOf(item, this.#request), item);
    const isNew = this.#items.size - before;
    if (isNew < items.length) this.sawTwice = true;
    if (hasMore && items.length === 0) return stop('empty_page', 'a page without items says that more follows');
    if (hasMore && cursor === undefined) return stop('no_cursor', 'a page says that more follows, but not where');
    if (hasMore && cursor !== undefined && (this.#cursors.has(cursor) || isNew === 0)) {
      return stop('repeated_cursor', 'a page leads to where the reading was before');
    }
    if (cursor !== undefined) this.#cursors.add(cursor);
    return undefined;
  }

  async #page(signal: AbortSignal): Promise<ListPage | Stop> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#ask(signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof CollectorError)) throw error;
        if (isNobodysList(error)) throw error;
        if (error.kind !== 'retryable' && error.kind !== 'malformed') return this.#refusal(error);
        if (attempt === MOST_ATTEMPTS) return stop(givenUp(error), error.message);
        // A page may be too large as a whole, or hold one item that cannot be read.
        if (error.kind === 'malformed' && attempt > 1) this.#pageSize = Math.max(1, Math.floor(this.#pageSize / 2));
      }
    }
  }

  async #ask(signal: AbortSignal): Promise<ListPage> {
    const { path, route, query, pages, priority, caller } = this.#request;
    const parameters: [string, string][] = Object.entries(query);
    if (pages !== 'single') parameters.push(['limit', String(this.#pageSize)]);
    if (this.#after !== undefined) parameters.push(['after', this.#after]);
    this.#counter.requests += 1;
    const asked = { path, route, query: parameters, priority, caller };
    return readListPage(await this.#client.get(asked, signal), this.#request);
  }

  #refusal({ status, message }: CollectorError): Stop {
    const { refusesArchived } = this.#request;
    const isFirst = this.#after === undefined;
    if (!isFirst && (status === 400 || status === 404)) return stop('lost_cursor', message);
    if (status === 403) return stop('forbidden', message);
    if (status === 405 || (status === 404 && /invalid url/i.test(message))) return stop('no_such_route', message);
    if (status === 404) return stop('not_found', message);
    if (status === 400 && (refusesArchived || /archived/i.test(message))) return stop('archived', message);
    return stop('refused', message);
  }
}

function stop(why: Stop['why'], message: string): Stop {
  return { why, message };
}

function isNobodysList({ status = 0 }: CollectorError): boolean {
  return status === 401 || (status >= 300 && status < 400);
}

function givenUp({ kind, status }: CollectorError): Incomplete {
  if (kind === 'malformed') return 'malformed';
  return status === 429 ? 'limited' : 'failed';
}
