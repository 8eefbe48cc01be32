import type { ListedEvent } from '../api/audit-log.ts';
import type { Clock, Random } from '../clock.ts';
import type { Interval } from '../coverage/intervals.ts';
import { parseExactly } from '../exact-json.ts';
import type { Delivery, Verdict } from '../exporter/exporter.ts';
import type { Logger } from '../log.ts';
import type { Enrich, FindNames, OwnProcessor, Processor } from '../processor/processor.ts';
import type { LogRecord } from '../record.ts';
import type { ClaimResult, Commit, InFlight, Listed, Parked, Stated, Storage } from '../storage/storage.ts';
import type { Counted } from './counted.ts';
import { ASIDE_MS, type Feed } from './feed.ts';
import { byWay, contextsOf, type Finder, inFlightRows, observedEvent } from './in-flight.ts';
import { OwnedEvents } from './owned-events.ts';
import { persist } from './persist.ts';
import { RecentEvents } from './recent-events.ts';
import { SerialQueue } from './serial-queue.ts';
import { StatementSender } from './statement-sender.ts';
import { asideOf, type SetAside, settle } from './verdicts.ts';

/** Ids that may be in memory while a slice is read. */
const MOST_KNOWN = 20_000;

export interface PipelineSettings {
  readonly organization: string;
  readonly storage: Storage;
  readonly processor: Processor;
  readonly ownProcessor: OwnProcessor;
  readonly enrich?: Enrich | undefined;
  readonly findNames?: FindNames | undefined;
  /** One attempt at a time for live events, and one for everything else. */
  readonly deliveries: { readonly live: Delivery; readonly rest: Delivery };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly excludeTypes: readonly string[];
  readonly batchRecords: number;
  /** Hears of each event that has its fate now. */
  readonly onFate?: (event: Pick<InFlight, 'uid' | 'type' | 'effectiveAt' | 'event'>) => void;
  /** Hears what became of how many events, a batch at a time. */
  readonly onCount?: ((feed: Feed, counted: Counted, events: number) => void) | undefined;
  /** Hears of records that the backend acknowledged. */
  readonly onDelivered?: ((feed: Feed, records: readonly LogRecord[]) => void) | undefined;
  /** Ends an export under way; fires later than the signal that stops everything else. */
  readonly grace: AbortSignal;
}

/** What a walk has proved once its events have their fates. */
export interface Proof {
  readonly span: Interval;
  /** T at the walk's first page in Unix seconds; undefined when it cannot be trusted yet: then nothing is covered. */
  readonly nowS: number | undefined;
  /** Uids that the walk would have listed again if they were not gone. */
  readonly withdrawn?: readonly string[];
}

export interface Delivered {
  /** Events that this call brought to a fate. */
  readonly found: number;
  /** Of these, how many lay inside an interval that was covered. */
  readonly late: number;
  /** The backend does not take some of them now: their seconds stay open. */
  readonly aside: Interval | undefined;
}

/** A backlog that is too old is said once in a while, not batch by batch. */
const SAY_AGAIN_MS = 60_000;

/** What was in flight at the last stop, on its way again. */
export interface Resumed {
  readonly events: number;
  readonly sent: Promise<unknown>;
}

interface Claim {
  readonly row: InFlight;
  readonly result: ClaimResult;
}

/**
 * The way of the data, for one organization: claim -> in flight -> record -> export -> acknowledgement -> commit.
 * Whoever finds events hands them in here; an event is sent once, by whoever claims it first.
 */
export class Pipeline {
  readonly #settings: PipelineSettings;
  readonly #lanes = { live: new SerialQueue(), rest: new SerialQueue() };
  readonly #claimTurns = new SerialQueue();
  #saidAsideMs = Number.NEGATIVE_INFINITY;
  readonly #owned = new OwnedEvents();
  readonly #recent = new RecentEvents();

  /** What the collector says of itself goes to the backend from here, beside the events and behind live ones. */
  readonly statements: StatementSender;

  constructor(settings: PipelineSettings) {
    this.#settings = settings;
    this.statements = new StatementSender({
      ...settings,
      processor: settings.ownProcessor,
      persist: operation => this.#persist(operation),
      deliver: records => this.deliverBeside(records),
    });
  }

  /** Brings records that are no events to their verdicts, beside the events and behind live ones. */
  deliverBeside(records: readonly LogRecord[]): Promise<readonly Verdict[]> {
    const { deliveries, grace } = this.#settings;
    return this.#lanes.rest.run(() => deliveries.rest.deliver(records, grace));
  }

  /**
   * Sends what was in flight when the last process ended: first on its lane, and on its way. Resolves once it has its
   * place there; what is held by the backend holds nothing else. `sent` resolves when it has its fate.
   */
  async resume(feeds: readonly Feed[], signal: AbortSignal): Promise<Resumed> {
    const rows = await this.#settings.storage.inFlight(this.#settings.organization);
    const known = feeds.map(feed => ({ feed, rows: rows.filter(row => row.feed.stream === feed.key.stream) }));
    const sent = Promise.all(known.map(({ feed, rows }) => this.#adopt(feed, rows, signal)));
    return { events: rows.length, sent };
  }

  /**
   * Brings events (oldest first) to their fates; resolves when every one has its own, whoever claimed it. Batch by
   * batch the proved span is covered, in the transaction that writes the last fate.
   */
  async deliver(
    feed: Feed,
    events: readonly ListedEvent[],
    finder: Finder,
    proof: Proof,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const size = this.#settings.batchRecords;
    const parts: Delivered[] = [];
    let { from } = proof.span;
    for (let i = 0; i === 0 || i < events.length; i += size) {
      signal.throwIfAborted();
      // A batch may end inside a second: that second belongs to the next batch, unless something of it is set aside.
      const to = Math.min(proof.span.to, Math.max(from, events[i + size]?.effectiveAt ?? proof.span.to));
      const part = { nowS: proof.nowS, span: { from, to } };
      const delivered = await this.#deliverBatch(feed, events.slice(i, i + size), finder, part, signal);
      parts.push(delivered);
      from = Math.max(to, delivered.aside?.to ?? to);
    }
    const { withdrawn = [] } = proof;
    if (withdrawn.length > 0) await this.#withdraw(feed, withdrawn);
    return {
      found: parts.reduce((sum, part) => sum + part.found, 0),
      late: parts.reduce((sum, part) => sum + part.late, 0),
      aside: parts.find(part => part.aside !== undefined)?.aside,
    };
  }

  /**
   * Sends parked events of a feed again, oldest first, on a way of their own; resolves when each has a fate again, to
   * those that the backend refuses still. They are in flight before the first attempt, so a crash loses none.
   */
  async replay(feed: Feed, parked: readonly Parked[], signal: AbortSignal): Promise<readonly string[]> {
    const { storage, organization } = this.#settings;
    const uids = parked.map(({ uid }) => uid);
    // Always a new one: what is parked again is told of by it.
    const way = feed.way('replay', 0);
    await this.#persist(() => storage.replay(organization, uids, way));
    // Asked again, since a replay that failed may have happened.
    const inFlight = await this.#persist(() => storage.inFlight(organization));
    const rows = inFlight.filter(row => row.way === way && uids.includes(row.uid) && !this.#owned.has(row.uid));
    for (const row of rows) feed.moved(row.way, row.effectiveAt);
    await this.#adopt(feed, rows, signal);
    const fates = await this.#persist(() => storage.fates(organization, uids));
    return uids.filter(uid => fates.get(uid) !== 'acknowledged');
  }

  /**
   * What a feed listed in a span and brought to a fate, so that a reading that begins after this call can tell what is
   * no longer listed. Nothing when that is more than a slice should hold: a later reading of less will tell.
   */
  async known(feed: Feed, span: Interval): Promise<readonly Listed[]> {
    const { storage } = this.#settings;
    return this.#persist(async () => {
      const { acknowledged, parked, excluded } = await storage.counts(feed.key, span);
      const count = acknowledged + parked + excluded;
      const known: Listed[] = [];
      if (count > 0 && count <= MOST_KNOWN) for await (const event of storage.ids(feed.key, span)) known.push(event);
      return known;
    });
  }

  /** What was last said of a feed's coverage. */
  async stated(feed: Feed, span: Interval): Promise<readonly Stated[]> {
    return this.#persist(() => this.#settings.storage.stated(feed.key, span));
  }

  async #withdraw(feed: Feed, withdrawn: readonly string[]): Promise<void> {
    await this.#commit(feed, { withdrawn });
    // One that is listed again must be met again.
    this.#recent.clear();
  }

  /** Writes what was covered without an event since the last commit. */
  async save(feed: Feed): Promise<void> {
    if (feed.unsaved !== undefined) await this.#commit(feed, {});
  }

  async #deliverBatch(
    feed: Feed,
    events: readonly ListedEvent[],
    finder: Finder,
    proof: Proof,
    signal: AbortSignal,
  ): Promise<Delivered> {
    // The tail lists the same again and again; who reads to prove something asks storage.
    const unmet = finder === 'live' ? events.filter(event => !this.#recent.has(feed.key, event)) : events;
    const excluded = unmet.filter(event => this.#settings.excludeTypes.includes(event.type));
    const wanted = unmet.filter(event => !this.#settings.excludeTypes.includes(event.type));
    await this.#exclude(feed, excluded);
    const { claims, mine, sent } = await this.#claimAndSend(feed, wanted, finder, proof, signal);
    const theirs = claims.filter(claim => claim.result === 'in_flight').map(claim => claim.row.uid);
    const asides = (await Promise.all([...sent, this.#wait(feed, theirs, signal)])).flat();
    if (asides.length === 0) feed.cover(proof.span, proof.nowS);
    for (const way of ['live', 'backfill', 'late'] as const) {
      this.#count(feed, way, mine.filter(row => row.delivery === way).length);
    }
    this.#count(feed, 'duplicate', events.length - excluded.length - mine.length);
    return {
      found: mine.length,
      late: mine.filter(row => row.delivery === 'late').length,
      aside: this.#setAside(feed, asides, proof.span),
    };
  }

  /** What the backend does not take now is open again, and is read again in an hour. */
  #setAside(feed: Feed, asides: readonly SetAside[], read: Interval): Interval | undefined {
    const [first] = asides;
    if (first === undefined) return undefined;
    const seconds = asides.map(({ second }) => second);
    // What has no time of its own is found again only where all that was read is read again.
    if (asides.some(({ isPlaceless }) => isPlaceless)) seconds.push(read.from, read.to - 1);
    const span = { from: Math.min(...seconds), to: Math.max(...seconds) + 1 };
    const { clock, log } = this.#settings;
    feed.setAside({ ...span, reason: first.reason, retryAtMs: clock.monotonicMs() + ASIDE_MS });
    if (clock.monotonicMs() - this.#saidAsideMs < SAY_AGAIN_MS) return span;
    this.#saidAsideMs = clock.monotonicMs();
    log.error('the backend takes no events of this time; they are tried again hourly', {
      code: 'backend-too-old',
      stream: feed.key.stream,
      from: new Date(span.from * 1000).toISOString(),
      to: new Date(span.to * 1000).toISOString(),
      reason: first.reason,
    });
    return span;
  }

  /** Claims are made one after another, and handed to their lane at once, so that a way is exported in its order. */
  #claimAndSend(feed: Feed, events: readonly ListedEvent[], finder: Finder, proof: Proof, signal: AbortSignal) {
    return this.#claimTurns.run(async () => {
      const claims = await this.#claim(feed, events, finder);
      const mine = claims
        .filter(claim => claim.result === 'claimed')
        .map(claim => claim.row)
        .sort((a, b) => a.effectiveAt - b.effectiveAt);
      for (const row of mine) if (row.delivery === 'late') feed.sawLate(row.effectiveAt);
      const groups = byWay(mine);
      for (const newest of groups.map(rows => rows.at(-1))) if (newest) feed.moved(newest.way, newest.effectiveAt);
      const last = groups.length === 1 && !claims.some(claim => claim.result === 'in_flight');
      const sent = groups.map(rows => this.#send(feed, rows, last ? proof : undefined, signal));
      return { claims, mine, sent };
    });
  }

  async #claim(feed: Feed, events: readonly ListedEvent[], finder: Finder): Promise<readonly Claim[]> {
    const { clock, enrich, findNames } = this.#settings;
    const isLookedAt = enrich !== undefined || findNames !== undefined;
    const parsed = isLookedAt ? events.map(({ text }) => parseExactly(text)) : [];
    const contexts = await contextsOf(parsed, enrich, findNames);
    const claims = await this.#claimRows(inFlightRows(feed, events, finder, clock.nowMs(), contexts), parsed);
    const renamed = claims
      .filter(claim => claim.result === 'other_type')
      .map(({ row }) => ({ ...row, uid: `${row.uid}#${row.type}` }));
    if (renamed.length === 0) return claims;
    this.#settings.log.warn('event ids came again with another type; they are kept as events of their own', {
      code: 'id-reused',
      stream: feed.key.stream,
      events: renamed.length,
      first: renamed[0]?.uid,
    });
    return [...claims.filter(claim => claim.result !== 'other_type'), ...(await this.#claimRows(renamed))];
  }

  /** `parsed`: the events of the rows, where they were parsed already. */
  async #claimRows(rows: readonly InFlight[], parsed: readonly unknown[] = []): Promise<readonly Claim[]> {
    if (rows.length === 0) return [];
    const results = await this.#persist(() => this.#settings.storage.claim(rows));
    this.statements.wake();
    const unheard = await this.#claimedUnheard(rows.filter((_, i) => results[i] === 'in_flight'));
    return rows.map((row, i) => {
      const met = results[i] ?? 'in_flight';
      const result = met === 'in_flight' && unheard.has(row.uid) ? 'claimed' : met;
      if (result === 'claimed') this.#owned.add(row.uid, parsed[i]);
      else if (result !== 'in_flight' && result !== 'other_type') this.#recent.add(row.feed, row);
      return { row, result };
    });
  }

  /** Of what is in flight already, the rows that this very claim wrote: one that failed may have happened. */
  async #claimedUnheard(rows: readonly InFlight[]): Promise<ReadonlySet<string>> {
    const { storage, organization } = this.#settings;
    const nobodys = rows.filter(({ uid }) => !this.#owned.has(uid));
    if (nobodys.length === 0) return new Set();
    const written = new Map((await this.#persist(() => storage.inFlight(organization))).map(row => [row.uid, row]));
    const isOwn = ({ uid, way, observedAtMs }: InFlight) =>
      written.get(uid)?.way === way && written.get(uid)?.observedAtMs === observedAtMs;
    return new Set(nobodys.filter(isOwn).map(({ uid }) => uid));
  }

  /** Sends rows of one way when its lane is free. Resolves to those that are set aside. */
  async #send(
    feed: Feed,
    rows: readonly InFlight[],
    proof: Proof | undefined,
    signal: AbortSignal,
  ): Promise<SetAside[]> {
    const lane = rows[0]?.way === 'live' ? 'live' : 'rest';
    try {
      return await this.#lanes[lane].run(() =>
        this.#export(feed, rows, this.#settings.deliveries[lane], proof, signal),
      );
    } catch (error) {
      for (const row of rows) this.#owned.fail(row.uid, error);
      throw error;
    }
  }

  async #export(
    feed: Feed,
    rows: readonly InFlight[],
    delivery: Delivery,
    proof: Proof | undefined,
    signal: AbortSignal,
  ): Promise<SetAside[]> {
    signal.throwIfAborted();
    const records = rows.map(row => this.#settings.processor(observedEvent(row, this.#owned.event(row.uid))));
    const verdicts = await delivery.deliver(records, this.#settings.grace);
    const asides = rows.map((row, i) => asideOf(row, verdicts[i]));
    if (proof !== undefined && asides.every(aside => aside === undefined)) feed.cover(proof.span, proof.nowS);
    await this.#commit(feed, settle(rows, records, verdicts, this.#settings.clock.nowMs()));
    for (const fate of ['acknowledged', 'parked', 'aside'] as const) {
      this.#count(feed, fate, verdicts.filter(verdict => verdict.fate === fate).length);
    }
    this.#settings.onDelivered?.(
      feed,
      records.filter((_, i) => verdicts[i]?.fate === 'acknowledged'),
    );
    for (const [i, row] of rows.entries()) {
      if (asides[i] === undefined && row.delivery === 'live') this.#recent.add(feed.key, row);
      this.#owned.settle(row.uid, asides[i]);
      if (asides[i] === undefined) this.#settings.onFate?.(row);
    }
    return asides.filter(aside => aside !== undefined);
  }

  /** Waits for the fates of events that somebody else claimed. What nobody here owns any more is taken over. */
  async #wait(feed: Feed, uids: readonly string[], signal: AbortSignal): Promise<SetAside[]> {
    if (uids.length === 0) return [];
    const owned = uids.flatMap(uid => this.#owned.fate(uid) ?? []);
    const orphans = new Set(uids.filter(uid => !this.#owned.has(uid)));
    const rows =
      orphans.size === 0 ? [] : await this.#persist(() => this.#settings.storage.inFlight(this.#settings.organization));
    const adopted = this.#adopt(
      feed,
      rows.filter(row => orphans.has(row.uid) && !this.#owned.has(row.uid)),
      signal,
    );
    const asides = await Promise.all([...owned, adopted]);
    return asides.flat().filter(aside => aside !== undefined);
  }

  async #adopt(feed: Feed, found: readonly InFlight[], signal: AbortSignal): Promise<SetAside[]> {
    // In the order of a way, which is not that of the claims where an event was renamed.
    const rows = found.toSorted((a, b) => a.effectiveAt - b.effectiveAt);
    for (const row of rows) {
      this.#owned.add(row.uid);
      feed.moved(row.way, row.effectiveAt);
    }
    const size = this.#settings.batchRecords;
    const sent = byWay(rows).flatMap(group =>
      Array.from({ length: Math.ceil(group.length / size) }, (_, i) =>
        this.#send(feed, group.slice(i * size, (i + 1) * size), undefined, signal),
      ),
    );
    return (await Promise.all(sent)).flat();
  }

  async #exclude(feed: Feed, events: readonly ListedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const excluded = events.map(({ uid, type, effectiveAt }) => {
      return { uid, feed: feed.key, type, effectiveAt, late: feed.isCovered(effectiveAt) };
    });
    const anew = await this.#persist(() => this.#settings.storage.excludedAnew(excluded));
    if (anew.length > 0) await this.#commit(feed, { excluded: anew });
    this.#count(feed, 'excluded', anew.length);
    this.#count(feed, 'duplicate', events.length - anew.length);
    for (const event of events) {
      this.#recent.add(feed.key, event);
      this.#settings.onFate?.({ ...event, event: event.text });
    }
  }

  async #commit(feed: Feed, what: Omit<Commit, 'feed' | 'atMs' | 'state'>): Promise<void> {
    const state = feed.unsaved;
    const { unsaid } = feed;
    const commit: Commit = {
      feed: feed.key,
      atMs: this.#settings.clock.nowMs(),
      ...what,
      ...(state === undefined ? {} : { state }),
      statements: [...unsaid, ...(what.statements ?? [])],
    };
    await this.#persist(() => {
      const statements = commit.statements?.filter(({ uid }) => !this.statements.hasSettled(uid)) ?? [];
      return this.#settings.storage.commit({ ...commit, statements });
    });
    feed.saved(state, unsaid);
    this.statements.wake();
  }

  #count(feed: Feed, counted: Counted, events: number): void {
    if (events > 0) this.#settings.onCount?.(feed, counted, events);
  }

  #persist<T>(operation: () => Promise<T>): Promise<T> {
    const { clock, random, log, grace } = this.#settings;
    return persist(operation, { clock, random, log, signal: grace });
  }
}
