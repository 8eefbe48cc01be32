import { type AuditEvent, type StoredEvent, type Stream, storedEvent } from './audit-event.ts';
import type { EmulatedClock } from './emulated-clock.ts';
import type { Estate } from './estate.ts';
import { EventStore } from './event-store.ts';
import { type Graph, graphOf } from './inventory/graph.ts';
import { OpenLists } from './inventory/list-page.ts';
import { mentionedEstate } from './inventory/mentioned.ts';
import { createDice } from './random.ts';
import { type BulkOptions, bulkEvents } from './story/bulk.ts';
import type { Size } from './story/site.ts';
import { createStory, type Pace, type Story, workingDays } from './story/story.ts';

/** What an organization begins with. */
export type Content =
  /** A life from a seed, `historyMs` of it already over. */
  | {
      readonly kind: 'story';
      readonly seed: string;
      readonly historyMs: number;
      readonly eventsPerDay?: number;
      readonly size?: Size;
    }
  /** These events and no others, until some are added. */
  | { readonly kind: 'events'; readonly events: readonly AuditEvent[] };

const DEFAULT_EVENTS_PER_DAY = 240;
/** The story gives each of its events an id and a time. */
const NAMED = { id: '', at: 0 };

/** An organization that has events. Everything that happens in it happens when it is asked about it, up to its clock's time. */
export class Organization {
  readonly clock: EmulatedClock;
  readonly events = new EventStore();
  /** What exists at the time that was told last. */
  readonly estate: Estate;
  readonly openLists = new OpenLists();
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
      this.estate = mentionedEstate(content.events);
      this.append(content.events);
      return;
    }
    this.#historicPace = workingDays(content.eventsPerDay ?? DEFAULT_EVENTS_PER_DAY);
    this.#story = createStory(content.seed, clock.nowMs() - content.historyMs, content.size);
    this.estate = this.#story.world;
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

  /**
   * Lets somebody do now what an event type says, to what has the id `target` where it is given. The events' ids: none
   * when there is nothing to do it to, or no story.
   */
  act(type: string, target?: string): string[] {
    this.advance();
    return this.#add(
      (this.#story?.act(type, this.#nowS(), target) ?? []).map(event => storedEvent(event, NAMED)),
      undefined,
    );
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

  /** All that exists now and how it is related: what an inventory must come to. */
  graph(): Graph {
    this.advance();
    return graphOf(this.estate);
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
      this.events.add(storedEvent(event, NAMED));
    }
  }

  #nowS(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}
