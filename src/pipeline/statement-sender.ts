import type { Clock } from '../clock.ts';
import type { Verdict } from '../exporter/exporter.ts';
import type { Logger } from '../log.ts';
import type { OwnProcessor } from '../processor/processor.ts';
import type { LogRecord } from '../record.ts';
import type { Settled, Storage, WaitingStatement } from '../storage/storage.ts';
import { SerialQueue } from './serial-queue.ts';

/** Far more than are under way while a commit is repeated. */
const REMEMBERED = 1000;

export interface StatementSenderSettings {
  readonly organization: string;
  readonly storage: Storage;
  readonly processor: OwnProcessor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batchRecords: number;
  /** Repeats a storage operation until it succeeds. */
  readonly persist: <T>(operation: () => Promise<T>) => Promise<T>;
  /** Brings one batch to its verdicts, when it is its turn. */
  readonly deliver: (records: readonly LogRecord[]) => Promise<readonly Verdict[]>;
}

/** Statements come one at a time, and each batch is a request: so long a batch is waited for. */
const GATHER_MS = 1_000;
/** How long statements wait that the backend calls too old. */
const ASIDE_MS = 3_600_000;

/** Brings what was committed as a statement to the backend, oldest first; what was not acknowledged is sent again. */
export class StatementSender {
  readonly #settings: StatementSenderSettings;
  /** Whoever asks for what waits while it is being sent would send it twice. */
  readonly #turns = new SerialQueue();
  #woken = Promise.withResolvers<void>();
  /** The newest statement that the backend called too old: it takes none before it either. */
  #settled: ReadonlySet<string> = new Set();
  #tooOld: { readonly atMs: number; readonly untilMs: number } | undefined;

  constructor(settings: StatementSenderSettings) {
    this.#settings = settings;
  }

  /** Something may wait. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Delivers whatever comes, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<never> {
    const { clock } = this.#settings;
    for (;;) {
      this.#woken = Promise.withResolvers();
      await this.flush(signal);
      await this.#idle(signal);
      await clock.sleep(GATHER_MS, signal);
    }
  }

  /** Delivers what waits now; resolves when the backend has all of it that it takes. */
  flush(signal: AbortSignal): Promise<void> {
    return this.#turns.run(async () => {
      while (await this.#step()) signal.throwIfAborted();
    });
  }

  async #idle(signal: AbortSignal): Promise<void> {
    const rest = new AbortController();
    try {
      await Promise.race([
        this.#woken.promise,
        this.#settings.clock.sleep(ASIDE_MS, AbortSignal.any([signal, rest.signal])),
      ]);
    } finally {
      rest.abort();
    }
  }

  /** One batch; false when there is none. */
  async #step(): Promise<boolean> {
    const { organization, storage, processor, deliver, persist, clock, batchRecords } = this.#settings;
    if (this.#tooOld !== undefined && clock.monotonicMs() >= this.#tooOld.untilMs) this.#tooOld = undefined;
    const afterMs = this.#tooOld?.atMs ?? Number.MIN_SAFE_INTEGER;
    const waiting = await persist(() => storage.statements(organization, batchRecords, afterMs));
    // A batch has one resource.
    const batch = waiting.filter(({ way }) => way === waiting[0]?.way);
    if (batch.length === 0) return false;
    const verdicts = await deliver(batch.map(processor));
    const settled = batch.flatMap((statement, i) => this.#settle(statement, verdicts[i]));
    await persist(() => storage.settleStatements(organization, settled));
    this.#remember(settled.map(({ uid }) => uid));
    return true;
  }

  /** Whether this process brought it to its fate: a commit that is repeated must not say it again. */
  hasSettled(uid: string): boolean {
    return this.#settled.has(uid);
  }

  #remember(uids: readonly string[]): void {
    this.#settled = new Set([...this.#settled, ...uids].slice(-REMEMBERED));
  }

  #settle({ uid, atMs }: WaitingStatement, verdict: Verdict | undefined): readonly Settled[] {
    const { clock, log } = this.#settings;
    const nowMs = clock.nowMs();
    switch (verdict?.fate) {
      case 'acknowledged':
        return [{ uid, fate: 'acknowledged' }];
      case 'parked': {
        const { reason, message, certain } = verdict;
        return [{ uid, fate: 'parked', parked: { reason, message, certain, atMs: nowMs } }];
      }
      case 'aside':
        log.warn('the backend takes no statements of this time; they are kept and tried again hourly', {
          code: 'backend-too-old',
          before: new Date(atMs).toISOString(),
          reason: verdict.message,
        });
        this.#tooOld = { atMs: Math.max(atMs, this.#tooOld?.atMs ?? atMs), untilMs: clock.monotonicMs() + ASIDE_MS };
    }
    return [];
  }
}
