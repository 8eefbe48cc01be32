import type { ListOutcome } from '../api/inventory.ts';
import { Agenda } from '../inventory/agenda.ts';
import type { Family } from '../inventory/families.ts';
import type { Kind } from '../inventory/kind.ts';
import { KINDS } from '../inventory/kinds.ts';
import { type List, PARENTS } from '../inventory/list.ts';
import { CONFIRM_MS, secondLookAtMs } from '../inventory/missing.ts';
import { type ListState, listNotAhead } from '../inventory/plan.ts';
import type { InventoryItem } from '../storage/inventory-storage.ts';
import { AuditTraces } from './audit-traces.ts';
import { Condition, handled } from './condition.ts';
import { DisguisedLists } from './inventory-disguised.ts';
import { InventoryHearing } from './inventory-hearing.ts';
import { familiarOf, identifyInventory } from './inventory-identity.ts';
import { type Guise, InventoryJudge } from './inventory-judge.ts';
import { nameOf } from './inventory-ledger.ts';
import { InventoryLists } from './inventory-lists.ts';
import { InventoryReading, READING, type ReadingSettings } from './inventory-reading.ts';
import type { InventorySender, InventorySenderSettings } from './inventory-sender.ts';
import { together } from './together.ts';

export interface InventorySettings
  extends Pick<InventorySenderSettings, 'storage' | 'persist'>,
    Omit<ReadingSettings, 'record'> {
  readonly sender: InventorySender;
  /** Reads one list to its end, at inventory's place in the budget. */
  readonly read: (list: List, signal: AbortSignal) => Promise<ListOutcome>;
  readonly said: Set<string>;
}

/** Requests of one route at a time: routes do not share limits, and one request waits for the other's answer. */
const AT_ONCE = 2;
const HELD_MS = 60_000;
const RETRY_MS = 10_000;

/**
 * The resource graph of one organization: reads what is due, compares it with what was recorded last, and records what
 * is to be said. What an audit event names is read at once; everything, now and then.
 */
export class Inventory {
  readonly #settings: InventorySettings;
  readonly #condition: Condition;
  readonly #sender;
  readonly #agenda = new Agenda();
  readonly #traces = new AuditTraces();
  readonly #kinds: readonly Kind[];
  readonly #lists: InventoryLists;
  readonly #reading: InventoryReading;
  readonly #judge: InventoryJudge;
  readonly #disguised: DisguisedLists;
  readonly #hearing: InventoryHearing;
  /** Lists that are being read, and what reads them. */
  readonly #running = new Map<string, Promise<void>>();
  /** When something of a family was last asked to show that the API tells of the family. */
  readonly #calledMs = new Map<Family, number>();
  #heldUntilMs = 0;
  #broken: { readonly error: unknown } | undefined;
  #woken = Promise.withResolvers<void>();

  constructor(settings: InventorySettings) {
    this.#settings = settings;
    this.#condition = new Condition(settings);
    this.#sender = settings.sender;
    this.#kinds = KINDS.filter(({ family }) => !settings.config.exclude.includes(family));
    this.#lists = new InventoryLists(this.#kinds, settings.id);
    const { organization, storage, persist } = settings;
    const record: ReadingSettings['record'] = async (changes, lists) => {
      await persist(() => storage.recordInventory(organization, changes, lists));
      this.#sender.recorded(changes.length);
    };
    this.#reading = new InventoryReading({ ...settings, record }, this.#lists, this.#agenda);
    this.#judge = new InventoryJudge({ ...settings, record }, this.#lists, this.#reading, this.#traces);
    const known = (kind: string) => persist(() => storage.knownInventory(organization, { kind }));
    const want = (list: List) => this.#want(list, 0);
    const plan = (list: List) => this.#plan(list);
    const isComing = (list: List) => this.#isComing(list);
    const parts = [this.#lists, this.#reading, this.#judge, this.#traces] as const;
    this.#disguised = new DisguisedLists({ known, isComing, want, plan }, ...parts);
    this.#hearing = new InventoryHearing({ ...settings, known, want }, this.#lists, this.#traces);
  }

  /** Keeps the inventory until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await together<unknown>([stop => this.#sender.run(stop), stop => this.#keep(false, stop)], signal);
  }

  /** Reads everything once, and resolves when the backend has it. Throws CollectorError when a person must act first. */
  async once(signal: AbortSignal): Promise<void> {
    await this.#keep(true, signal);
    await this.#sender.flush(signal);
  }

  /** An audit event has its fate: what it names is read again. */
  heard(uid: string, type: string, effectiveAt: number, event: string): void {
    this.#hearing.hear(uid, type, effectiveAt, event).catch(error => this.#break(error));
  }

  #want(list: List, inMs: number): void {
    this.#agenda.want(list, this.#settings.clock.monotonicMs() + inMs);
    this.#woken.resolve();
  }

  #plan(list: List): void {
    this.#agenda.plan(list);
    this.#woken.resolve();
  }

  async #keep(once: boolean, signal: AbortSignal): Promise<void> {
    await this.#open(once);
    await this.#identify(once, signal);
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    let isDone = false;
    try {
      for (let isBegun = false; !isDone; isBegun = true) {
        signal.throwIfAborted();
        this.#woken = Promise.withResolvers();
        if (this.#broken !== undefined) throw this.#broken.error;
        await this.#makeRoom(once, until);
        await this.#goOn(once && !isBegun, once);
        this.#start(once, until);
        await this.#judgeRest();
        const hasEnded = await this.#end();
        isDone = once && !this.#reading.isUnderWay && !this.#hasWork();
        if (!isDone && !(once && hasEnded)) await this.#rest(signal);
      }
    } finally {
      stop.abort();
      this.#reading.stop();
      await Promise.allSettled(this.#running.values());
    }
  }

  /** Where nobody delivers beside the reading, it does so itself. */
  async #makeRoom(once: boolean, signal: AbortSignal): Promise<void> {
    if (once) await this.#sender.flush(signal);
    else await this.#sender.room(signal);
  }

  async #open(once: boolean): Promise<void> {
    const { organization, storage, persist, config, clock } = this.#settings;
    const saved = await persist(() => storage.inventoryLists(organization));
    const states = saved.filter(({ list }) => list !== READING);
    const parents: InventoryItem[] = [];
    for (const kind of PARENTS) parents.push(...(await this.#known(kind)));
    this.#lists.open(
      states.map(({ list, state }) => [list, listNotAhead(JSON.parse(state), clock.nowMs())] as const),
      parents,
    );
    this.#reading.open(saved.find(({ list }) => list === READING)?.state);
    for (const list of this.#lists.all) {
      const { missing = {} } = this.#lists.stateOf(list) ?? {};
      const atMs = secondLookAtMs(list.kind, missing, config.intervalMs);
      if (atMs !== undefined) this.#want(list, Math.max(0, atMs - clock.nowMs()));
    }
    if (this.#reading.isUnderWay && !once) this.#reading.plan('goes on');
  }

  async #identify(once: boolean, signal: AbortSignal): Promise<void> {
    const { organization, storage, persist, clock, read } = this.#settings;
    const familiar = await persist(() => familiarOf(organization, storage));
    for (let isKnown = familiar.size === 0; !isKnown; ) {
      try {
        await identifyInventory(familiar, this.#lists.all, list => read(list, signal));
        this.#condition.succeeded();
        isKnown = true;
      } catch (error) {
        const failure = handled(error, signal);
        if (once && failure.kind === 'misconfigured') throw failure;
        this.#condition.failed(failure);
        await clock.sleep(this.#waitMs(), signal);
      }
    }
  }

  #waitMs(): number {
    return this.#condition.held ? HELD_MS : RETRY_MS;
  }

  /** Begins a reading when it is time to, or now; one that takes long looks what is due again meanwhile. */
  async #goOn(now: boolean, once: boolean): Promise<void> {
    const isTime = !once && !this.#reading.isUnderWay && this.#settings.clock.nowMs() >= this.#reading.beginsAtMs;
    if (now || isTime) await this.#reading.begin(once);
    else await this.#reading.renew();
  }

  #start(once: boolean, signal: AbortSignal): void {
    const nowMs = this.#settings.clock.monotonicMs();
    if (nowMs < this.#heldUntilMs) return;
    const mayBeRead = (list: List) => {
      if (this.#running.has(list.path) || this.#disguised.holds(list)) return false;
      return this.#runningOf(list.kind.route) < AT_ONCE;
    };
    const take = () => this.#agenda.take(nowMs, mayBeRead);
    for (let list = take(); list !== undefined; list = take()) {
      const { path } = list;
      this.#disguised.begun(list, nowMs);
      const ended = this.#read(list, once, signal).finally(() => {
        this.#running.delete(path);
        this.#woken.resolve();
      });
      this.#running.set(path, ended);
      ended.catch(error => this.#break(error));
    }
  }

  #runningOf(route: string): number {
    return [...this.#running.keys()].filter(path => this.#lists.find(path)?.kind.route === route).length;
  }

  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#woken.resolve();
  }

  async #read(list: List, once: boolean, signal: AbortSignal): Promise<void> {
    try {
      const outcome = await this.#settings.read(list, signal);
      this.#condition.succeeded();
      if (list.kind.except === undefined || outcome.state === 'unavailable') await this.#follow(list, outcome);
      else this.#disguised.hold({ list, outcome, readMs: this.#settings.clock.monotonicMs() });
    } catch (error) {
      const failure = handled(error, signal);
      if (once && failure.kind === 'misconfigured') throw failure;
      this.#condition.failed(failure);
      this.#heldUntilMs = this.#settings.clock.monotonicMs() + this.#waitMs();
      this.#disguised.failed(list);
      this.#agenda.want(list, this.#heldUntilMs);
    }
  }

  /** Judges what waited for other lists and does so no more. */
  async #judgeRest(): Promise<void> {
    for (const unjudged of this.#disguised.unjudged) {
      const guise = await this.#disguised.guiseOf(unjudged);
      if (guise === undefined) continue;
      const { list, outcome } = unjudged;
      await this.#follow(list, outcome, guise);
      this.#disguised.judged(list);
      // It may be read again.
      this.#woken.resolve();
    }
  }

  /** Whether it is being read, or will be without being wanted. */
  #isComing(list: List): boolean {
    return this.#running.has(list.path) || this.#agenda.isDue(list, this.#settings.clock.monotonicMs());
  }

  /** Judges what a list shows, and reads what that leads to. */
  async #follow(list: List, outcome: ListOutcome, guise?: Guise): Promise<void> {
    // What it was read for is gone since.
    if (this.#lists.find(list.path) === undefined) return;
    const { before, state, fresh, gone, againInMs, lacksWitness } = await this.#judge.judge(list, outcome, guise);
    this.#lists.keep(list, state);
    this.#agenda.read(list);
    for (const each of gone) {
      this.#lists.forget(each);
      this.#agenda.forget(each);
    }
    for (const below of fresh.flatMap(([thing, isNews]) => this.#lists.add(thing, isNews))) {
      if (this.#reading.isUnderWay) this.#agenda.plan(below);
      else this.#want(below, 0);
    }
    if (againInMs !== undefined) this.#want(list, againInMs);
    if (lacksWitness) this.#callWitness(list);
    if (state.state === 'incomplete' && before?.state !== 'incomplete') this.#want(list, HELD_MS);
    this.#say(list, before, state);
    this.#reading.wasRead(outcome.requests, this.#running.size);
  }

  /** Something else of the family is looked at, and then the list again; where it was in vain, not before an interval. */
  #callWitness(list: List): void {
    const { clock, config } = this.#settings;
    const witness = this.#lists.witnessOf(list);
    const calledMs = this.#calledMs.get(list.kind.family) ?? Number.NEGATIVE_INFINITY;
    const isInVain = clock.monotonicMs() < calledMs + config.intervalMs;
    this.#want(list, witness === undefined || isInVain ? config.intervalMs : CONFIRM_MS);
    if (witness === undefined || isInVain) return;
    this.#calledMs.set(list.kind.family, clock.monotonicMs());
    this.#want(witness, 0);
  }

  #say(list: List, before: ListState | undefined, { state, why, message }: ListState): void {
    if (before?.state === state && before?.why === why) return;
    const fields = { list: nameOf(list), why, reason: message };
    if (state === 'incomplete' && why !== 'ambiguous')
      this.#settings.log.warn('a list was not read whole; nothing of it counts as gone', {
        code: 'list-incomplete',
        ...fields,
      });
    if (state === 'unavailable') this.#settings.log.debug('a list is not to be had', fields);
  }

  /** Ends the reading under way when it has nothing left; whether it did. */
  async #end(): Promise<boolean> {
    const hasLeft = this.#agenda.left.size > 0 || this.#running.size > 0 || this.#disguised.unjudged.length > 0;
    if (!this.#reading.isUnderWay || hasLeft || this.#reading.isInDoubt) return false;
    const references: string[] = [];
    for (const name of new Set(this.#kinds.map(kind => kind.name))) {
      references.push(...(await this.#known(name)).map(({ kind, id }) => `${kind} ${id}`));
    }
    await this.#reading.end(references);
    return true;
  }

  /** Whether something is wanted soon, so that a last look should wait for it. */
  #hasWork(): boolean {
    const nowMs = this.#settings.clock.monotonicMs();
    return (
      this.#running.size > 0 || this.#disguised.unjudged.length > 0 || this.#agenda.nextMs(nowMs) <= nowMs + RETRY_MS
    );
  }

  async #known(kind: Kind['name']): Promise<readonly InventoryItem[]> {
    const { organization, storage, persist } = this.#settings;
    return await persist(() => storage.knownInventory(organization, { kind }));
  }

  /** Until something happens, or is due. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    const nowMs = clock.monotonicMs();
    const beginsInMs = this.#reading.isUnderWay ? HELD_MS : this.#reading.beginsAtMs - clock.nowMs();
    const heldMs = Math.max(0, this.#heldUntilMs - nowMs);
    const dueInMs = Math.max(Math.min(beginsInMs, this.#agenda.nextMs(nowMs) - nowMs), heldMs);
    const rest = new AbortController();
    const timeout = clock.sleep(Math.max(1, dueInMs), AbortSignal.any([signal, rest.signal]));
    timeout.catch(() => undefined);
    await Promise.race([this.#woken.promise, timeout]).finally(() => rest.abort());
  }
}
