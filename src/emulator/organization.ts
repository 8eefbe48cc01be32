import { type AuditEvent, type StoredEvent, type Stream, storedEvent } from './audit-event.ts';
import type { EmulatedClock } from './emulated-clock.ts';
import { EventStore } from './event-store.ts';
import { type Inventory, inventoryFrom, inventoryOf } from './inventory.ts';
import { createDice } from './random.ts';
import { type BulkOptions, bulkEvents } from './story/bulk.ts';
import { createStory, type Pace, type Story, workingDays } from './story/story.ts';

/** What an organization begins with. */
export type Content =
  /** A life from a seed, `historyMs` of it already over. */
  | { readonly kind: 'story'; readonly seed: string; readonly historyMs: number; readonly eventsPerDay?: number }
  /** These events and no others, until some are added. */
  | { readonly kind: 'events'; readonly events: readonly AuditEvent[] };

const DEFAULT_EVENTS_PER_DAY = 240;

/** An organization that has events. Everything that happens in it happens when it is asked about it, up to its clock's time. */
export class Organization {
  readonly clock: EmulatedClock;
  readonly events = new EventStore();
  readonly inventory: Inventory;
  readonly #story: Story | undefined;
  readonly #historicPace: Pace;
  readonly #ids = createDice('ids');
  /** Up to here (Unix seconds) life had, or after a jump has, the pace of history. */
  #historyUntilS: number;
  #ratePerMinute = 0;
  #storms = 0;

  constructor(clock: EmulatedClock, content: Content) {
    this.clock = clock;
    this.#historyUntilS = this.#nowS();
    if (content.kind === 'events') {
      this.#historicPace = () => 0;
      this.inventory = inventoryFrom(content.events);
      this.append(content.events);
      return;
    }
    this.#historicPace = workingDays(content.eventsPerDay ?? DEFAULT_EVENTS_PER_DAY);
    this.#story = createStory(content.seed, clock.nowMs() - content.historyMs);
    this.inventory = inventoryOf(this.#story.world);
    this.#tell();
  }

  /** Lets everything happen that is due by now. */
  advance(): void {
    if (this.#ratePerMinute > 0) this.#tell();
    this.events.reveal(this.clock.nowMs());
  }

  /** Life goes on with so many events a minute; 0 stops it. */
  setRate(perMinute: number): void {
    this.advance();
    if (this.#ratePerMinute === 0) this.#story?.resume(this.#nowS());
    this.#ratePerMinute = perMinute;
  }

  get ratePerMinute(): number {
    return this.#ratePerMinute;
  }

  /** Moves the clock. What life brings in the time jumped over comes at the pace of history, not of a demonstration. */
  jump(byMs: number): void {
    this.advance();
    this.clock.jump(byMs);
    this.#historyUntilS = this.#nowS();
    this.advance();
  }

  /** Adds events as they are, with their own times; with `visibleInMs` they are listed only then. Their ids. */
  append(events: readonly AuditEvent[], visibleInMs?: number): string[] {
    const otherwise = () => ({ id: `unnamed-${this.#ids.alphanumerics(24)}`, at: this.#nowS() });
    return this.#add(
      events.map(event => storedEvent(event, otherwise())),
      visibleInMs,
    );
  }

  /** Adds made-up events between two times (Unix seconds); with `visibleInMs` they are listed only then. Their ids. */
  storm(options: Partial<BulkOptions> & Pick<BulkOptions, 'count'>, visibleInMs?: number): string[] {
    this.#storms += 1;
    const toS = options.toS ?? this.#nowS() + 1;
    const defaults = { seed: `storm ${this.#storms}`, fromS: toS - 1, density: 'uniform', tenantShare: 0 } as const;
    return this.#add(bulkEvents({ ...defaults, ...options, toS }), visibleInMs);
  }

  /** Takes events out of the listing. The ids of those that were listed. */
  vanish(ids: readonly string[]): string[] {
    this.advance();
    return ids.filter(id => this.events.vanish(id));
  }

  /** The events that a stream lists now, newest first: what a collector must have. */
  *listed(stream: Stream): Generator<StoredEvent, undefined> {
    this.advance();
    yield* this.events.listed(stream);
  }

  #add(events: Iterable<StoredEvent>, visibleInMs: number | undefined): string[] {
    const visibleAtMs = visibleInMs === undefined ? undefined : this.clock.nowMs() + visibleInMs;
    const ids: string[] = [];
    for (const event of events) {
      this.events.add(event, visibleAtMs);
      ids.push(event.id);
    }
    return ids;
  }

  #tell(): void {
    const pace: Pace = atS => (atS <= this.#historyUntilS ? this.#historicPace(atS) : this.#ratePerMinute);
    const nowS = this.#nowS();
    for (const event of this.#story?.tell(nowS, pace) ?? []) {
      this.events.add(storedEvent(event, { id: '', at: nowS }));
    }
  }

  #nowS(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}
