import type { Clock } from '../clock.ts';
import type { Verdict } from '../exporter/exporter.ts';
import type { Logger } from '../log.ts';
import type { InventoryProcessor } from '../processor/processor.ts';
import type { LogRecord } from '../record.ts';
import type { ParkedInventory, SettledInventory, WaitingInventory } from '../storage/inventory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { calledBy, observedChange } from './inventory-ledger.ts';
import { SerialQueue } from './serial-queue.ts';
import { parkedChangeStatement } from './statement.ts';

export interface InventorySenderSettings {
  readonly organization: string;
  readonly storage: Storage;
  readonly inventoryProcessor: InventoryProcessor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batchRecords: number;
  /** Repeats a storage operation until it succeeds. */
  readonly persist: <T>(operation: () => Promise<T>) => Promise<T>;
  /** Brings one batch to its verdicts, when it is its turn. */
  readonly deliver: (records: readonly LogRecord[]) => Promise<readonly Verdict[]>;
  /** Hears that a statement waits. */
  readonly onStatement: () => void;
}

export interface ParkedChange extends ParkedInventory {
  readonly uid: string;
  readonly eventName: string;
}

/** Most records that one change has. */
const RECORDS_PER_CHANGE = 2;
/** So many changes may wait; then the reading waits too, since the API keeps what is to be read. */
const MOST_WAITING = 2_000;
/** How long changes wait that the backend calls too old. */
const ASIDE_MS = 3_600_000;

/** Brings what was recorded of the inventory to the backend, in its order; what was not acknowledged is sent again. */
export class InventorySender {
  readonly #settings: InventorySenderSettings;
  /** Who replays and who delivers what comes must not send the same. */
  readonly #turns = new SerialQueue();
  #woken = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  /** Recorded by this process, or found at its start, and not settled. */
  #waiting = 0;
  #tooOld: { readonly seq: number; readonly untilMs: number } | undefined;

  constructor(settings: InventorySenderSettings) {
    this.#settings = settings;
  }

  /** So many more changes wait. */
  recorded(changes: number): void {
    this.#waiting += changes;
    this.#woken.resolve();
  }

  /** Resolves when more may be recorded. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#waiting >= MOST_WAITING) {
      this.#room = Promise.withResolvers();
      await orAborted(this.#room.promise, signal);
    }
  }

  /** Delivers whatever comes, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      this.#woken = Promise.withResolvers();
      await this.flush(signal);
      const rest = new AbortController();
      const timeout = this.#settings.clock.sleep(ASIDE_MS, AbortSignal.any([signal, rest.signal]));
      await Promise.race([this.#woken.promise, timeout]).finally(() => rest.abort());
      timeout.catch(() => undefined);
    }
  }

  /** Delivers what waits now; resolves when the backend has all of it that it takes. */
  flush(signal: AbortSignal): Promise<void> {
    return this.#turns.run(async () => {
      signal.throwIfAborted();
      while (await this.#step()) signal.throwIfAborted();
      // Nothing waits but what is too old, which holds up no reading.
      this.#settled(this.#waiting);
    });
  }

  /** What is parked, by the names of its records. */
  async parked(): Promise<readonly ParkedChange[]> {
    const { organization, storage, persist } = this.#settings;
    const parked = await persist(() => storage.parkedInventory(organization));
    return parked.map(change => ({ ...change, ...calledBy(this.#recordsOf(change)) }));
  }

  /**
   * Sends parked changes again, on ways of their own beside the ones they had; resolves to the places of those that the
   * backend does not have then.
   */
  async replay(parked: readonly ParkedChange[], signal: AbortSignal): Promise<ReadonlySet<number>> {
    const { organization, storage, persist, clock } = this.#settings;
    const asideS = Math.floor(clock.nowMs() / 1000);
    for (const [way, mine] of Map.groupBy(parked, each => each.way.split('/replay/')[0])) {
      const seqs = mine.map(({ seq }) => seq);
      await persist(() => storage.replayInventory(organization, seqs, `${way}/replay/${asideS}`));
    }
    this.#tooOld = undefined;
    await this.flush(signal);
    const left = await persist(async () => [
      ...(await storage.parkedInventory(organization)),
      ...(await storage.waitingInventory(organization, Number.MAX_SAFE_INTEGER, 0)),
    ]);
    return new Set(left.map(({ seq }) => seq));
  }

  /** One batch; false when there is none. */
  async #step(): Promise<boolean> {
    const { organization, storage, deliver, persist, clock, batchRecords } = this.#settings;
    if (this.#tooOld !== undefined && clock.monotonicMs() >= this.#tooOld.untilMs) this.#tooOld = undefined;
    const most = Math.max(1, Math.floor(batchRecords / RECORDS_PER_CHANGE));
    const waiting = await persist(() => storage.waitingInventory(organization, most, this.#tooOld?.seq ?? 0));
    // A batch has one resource.
    const batch = waiting.filter(({ way }) => way === waiting[0]?.way);
    if (batch.length === 0) return false;
    const records = batch.map(change => this.#recordsOf(change));
    const verdicts = await deliver(records.flat());
    const settled = batch.flatMap((change, i) => {
      const from = records.slice(0, i).reduce((sum, each) => sum + each.length, 0);
      const own = records[i] ?? [];
      return this.#settle(change, own, verdicts.slice(from, from + own.length));
    });
    await persist(() => storage.settleInventory(organization, settled));
    if (settled.some(({ statement }) => statement !== undefined)) this.#settings.onStatement();
    this.#settled(settled.length);
    return true;
  }

  /** What the backend does not have of it. */
  #recordsOf(change: WaitingInventory): readonly LogRecord[] {
    const records = this.#settings.inventoryProcessor(observedChange(change));
    return records.filter(({ eventName }) => eventName !== change.delivered);
  }

  /** One that has two records is acknowledged when both are; of one that is parked the other is not sent again. */
  #settle(
    change: WaitingInventory,
    records: readonly LogRecord[],
    verdicts: readonly Verdict[],
  ): readonly SettledInventory[] {
    const { clock, log } = this.#settings;
    const { seq } = change;
    const aside = verdicts.find(({ fate }) => fate === 'aside');
    if (aside?.fate === 'aside') {
      log.warn('the backend takes nothing of this time of the inventory; it is kept and tried again hourly', {
        code: 'backend-too-old',
        reason: aside.message,
      });
      this.#tooOld = { seq: Math.max(seq, this.#tooOld?.seq ?? 0), untilMs: clock.monotonicMs() + ASIDE_MS };
      return [];
    }
    const parked = verdicts.find(({ fate }) => fate === 'parked');
    if (parked?.fate !== 'parked') return [{ seq, fate: 'acknowledged' }];
    const { reason, message, certain } = parked;
    const refusal = { reason, message, certain, atMs: clock.nowMs() };
    const hasFate = (fate: Verdict['fate']) => (_: LogRecord, i: number) => verdicts[i]?.fate === fate;
    const statement = parkedChangeStatement(change, calledBy(records.filter(hasFate('parked'))), refusal);
    const delivered = records.find(hasFate('acknowledged'))?.eventName ?? change.delivered;
    return [{ seq, fate: 'parked', parked: refusal, statement, ...(delivered === undefined ? {} : { delivered }) }];
  }

  #settled(changes: number): void {
    this.#waiting = Math.max(0, this.#waiting - changes);
    this.#room.resolve();
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
