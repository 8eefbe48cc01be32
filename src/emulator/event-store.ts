import type { StoredEvent, Stream } from './audit-event.ts';
import { EVENT_TYPES, isTenantType } from './catalogue.ts';
import { listPage, type Order, type Page, type PageQuery } from './listing.ts';
import { type Entry, type Filters, type Place, Shelf } from './shelf.ts';
import { SortedList } from './sorted-list.ts';

const NO_FILTERS: Filters = new Map();

export interface ListingRules {
  readonly order: Order;
  /** Whether tenant events stand in the default listing too. */
  readonly tenantInBoth: boolean;
}

const OBSERVED: ListingRules = { order: 'descending', tenantInBoth: false };

interface Pending extends Timed {
  readonly event: StoredEvent;
}

interface Timed {
  readonly visibleAtMs: number;
  readonly number: number;
}

/** Every event that an organization ever had: listed, not yet visible, or gone. Knows no clock: time comes with each call. */
export class EventStore {
  readonly #shelves: Readonly<Record<Stream, Shelf>> = { organization: new Shelf(), tenant: new Shelf() };
  readonly #listed = new Map<string, Entry[] | Entry>();
  /** Where events stood that are gone: a cursor may still name them. */
  readonly #gone = new Map<string, Place>();
  readonly #types = new Set(EVENT_TYPES);
  readonly #pending = new SortedList<Timed, Pending>((a, b) => a.visibleAtMs - b.visibleAtMs || a.number - b.number);
  #numbered = 0;
  #arrivals = 0;

  /** Lists an event at once, or from `visibleAtMs` (Unix milliseconds) on. The same id may come more than once. */
  add(event: StoredEvent, visibleAtMs?: number): void {
    this.#types.add(event.type);
    if (visibleAtMs === undefined) this.#list(event);
    else this.#pending.add({ event, visibleAtMs, number: this.#numbered++ });
  }

  /** Lists what became visible up to now. */
  reveal(nowMs: number): void {
    for (
      let next = this.#pending.first();
      next !== undefined && next.visibleAtMs <= nowMs;
      next = this.#pending.first()
    ) {
      this.#pending.delete(next);
      this.#list(next.event);
    }
  }

  /** Takes an event out of the listing, as if it had never been there. Whether it was listed. */
  vanish(id: string): boolean {
    const listed = this.#listed.get(id);
    if (listed === undefined) return false;
    for (const entry of [listed].flat()) {
      this.#shelfOf(entry.event.type).remove(entry);
      this.#gone.set(id, entry);
    }
    return this.#listed.delete(id);
  }

  /** Where the event stands, or stood. */
  place(id: string): { readonly place: Place; readonly gone: boolean } | undefined {
    const listed = [this.#listed.get(id) ?? []].flat().at(-1);
    if (listed !== undefined) return { place: listed, gone: false };
    const place = this.#gone.get(id);
    return place === undefined ? undefined : { place, gone: true };
  }

  page(stream: Stream, query: PageQuery, { order, tenantInBoth }: ListingRules = OBSERVED): Page {
    const both = stream === 'organization' && tenantInBoth;
    const shelves = both ? [this.#shelves.organization, this.#shelves.tenant] : [this.#shelves[stream]];
    return listPage(shelves, query, order);
  }

  /** The events that a stream lists now, newest first. Adding or removing meanwhile is not allowed. */
  *listed(stream: Stream): Generator<StoredEvent, undefined> {
    const lists = this.#shelves[stream].candidates(NO_FILTERS);
    for (const list of lists) for (const entry of list.walk(undefined, undefined, 'down')) yield entry.event;
  }

  /** How many events a stream has of its own. */
  count(stream: Stream): number {
    return this.#shelves[stream].size;
  }

  /** Time of the oldest listed event, Unix seconds. */
  oldestAt(): number | undefined {
    const oldest = Object.values(this.#shelves).flatMap(shelf => shelf.oldestAt() ?? []);
    return oldest.length === 0 ? undefined : Math.min(...oldest);
  }

  /** Whether the API documents the type, or this organization ever had it. */
  knowsType(type: string): boolean {
    return this.#types.has(type);
  }

  #list(event: StoredEvent): void {
    this.#arrivals += 1;
    const entry: Entry = { effectiveAt: event.effectiveAt, arrival: this.#arrivals, event };
    const same = this.#listed.get(event.id);
    this.#listed.set(event.id, same === undefined ? entry : [same, entry].flat());
    this.#shelfOf(event.type).add(entry);
  }

  #shelfOf(type: string): Shelf {
    return this.#shelves[isTenantType(type) ? 'tenant' : 'organization'];
  }
}
