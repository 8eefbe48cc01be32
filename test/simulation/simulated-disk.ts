import type { Interval } from '../../src/coverage/intervals.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Commit, Fate, FeedKey, InFlight, Listed, Settled, Storage } from '../../src/storage/storage.ts';
import type { History } from './history.ts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** Calls that a full disk refuses. */
const WRITES = ['claim', 'commit', 'replay', 'prune', 'readmit', 'setNote', 'settleStatements'];

/** Hears every commit that happened. */
export type OnCommit = (commit: Commit) => void;

/** The state as it survives every process: a real storage, with the delays, failures and deaths around each call. */
export class SimulatedDisk {
  /** What the state says of each uid that was ever claimed or excluded. */
  readonly fates = new Map<string, Fate | 'in_flight'>();
  /** Fates of what the collector said of itself. */
  readonly statements = new Map<string, Fate>();
  /** Simulated times of all commits. */
  readonly commitsMs: number[] = [];
  mostInFlight = 0;
  calm = false;
  readonly #storage: Storage;
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #onCommit: OnCommit;
  readonly #dice: Dice;
  #inFlight = 0;
  #freeAtMs = 0;
  #failing = { share: 0, untilMs: 0 };

  constructor(storage: Storage, history: History, scheduler: Scheduler, trace: Trace, onCommit: OnCommit) {
    this.#storage = storage;
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#onCommit = onCommit;
    this.#dice = createDice(`${history.seed} disk`);
  }

  fail(share: number, forMs: number): void {
    this.#failing = { share, untilMs: this.#scheduler.nowMs + forMs };
  }

  /** Whether nothing more is to be sent for a uid. */
  isSettled(uid: string): boolean {
    const fate = this.fates.get(uid) ?? this.statements.get(uid) ?? 'in_flight';
    return fate !== 'in_flight';
  }

  /** The state as one process has it: every method of the real one, behind the disk's moods. */
  storageFor(life: Life): Storage {
    const writes = {
      claim: (rows: readonly InFlight[]) => this.#call(life, 'claim', () => this.#claim(rows)),
      commit: (commit: Commit) => this.#call(life, 'commit', () => this.#commit(life, commit)),
      settleStatements: (organization: string, settled: readonly Settled[]) =>
        this.#call(life, 'settleStatements', () => this.#settleStatements(organization, settled)),
      ids: (key: FeedKey, span: Interval) => this.#ids(life, key, span),
      close: async () => {},
    };
    return new Proxy(this.#storage, {
      get: (real, name) => {
        if (name in writes) return Reflect.get(writes, name);
        const method: unknown = Reflect.get(real, name);
        if (typeof method !== 'function') return method;
        return (...values: unknown[]) => this.#call(life, String(name), () => method.apply(real, values));
      },
    });
  }

  async *#ids(life: Life, key: FeedKey, span: Interval): AsyncGenerator<Listed> {
    const listed = this.#storage.ids(key, span)[Symbol.asyncIterator]();
    for (;;) {
      const next = await life.call<IteratorResult<Listed>>((resolve, reject) => {
        listed.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Calls happen one after another, in the order they were made. */
  #call<T>(life: Life, name: string, work: () => Promise<T>): Promise<T> {
    return life.call<T>((resolve, reject) => {
      const run = () => {
        const written = name === 'claim' || name === 'commit' ? name : undefined;
        if (written !== undefined && !life.survives(`before ${written}`)) return;
        const failure = WRITES.includes(name) ? this.#failure() : undefined;
        if (failure === 'before') return reject(diskError());
        void work().then(result => {
          if (written !== undefined && !life.survives(`after ${written}`)) return;
          if (failure === 'after') reject(diskError());
          else resolve(result);
        }, reject);
      };
      if (this.#history.diskMs === 0) return run();
      const takesMs = this.#dice.next() ** 3 * this.#history.diskMs;
      this.#freeAtMs = Math.max(this.#freeAtMs, this.#scheduler.nowMs) + takesMs;
      life.later(this.#freeAtMs - this.#scheduler.nowMs, run);
    });
  }

  #failure(): 'before' | 'after' | undefined {
    const { share, untilMs } = this.#failing;
    if (this.calm || this.#scheduler.nowMs >= untilMs || !this.#dice.chance(share)) return undefined;
    return this.#dice.chance(0.5) ? 'before' : 'after';
  }

  async #claim(rows: readonly InFlight[]): ReturnType<Storage['claim']> {
    const results = await this.#storage.claim(rows);
    for (const [i, row] of rows.entries()) {
      if (results[i] !== 'claimed') continue;
      this.fates.set(row.uid, 'in_flight');
      this.#inFlight += 1;
    }
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    this.#trace.note(`claim ${rows.length} ${rows[0]?.uid} ${rows[0]?.way} ${results[0]}`);
    return results;
  }

  async #commit(life: Life, commit: Commit): Promise<void> {
    await this.#storage.commit(commit);
    const { settled = [], excluded = [], released = [], state, feed } = commit;
    for (const uid of released) if (this.fates.delete(uid)) this.#inFlight -= 1;
    for (const { uid, fate } of settled) {
      if (this.fates.get(uid) === 'in_flight') this.#inFlight -= 1;
      this.fates.set(uid, fate);
    }
    for (const { uid } of excluded) if (!this.fates.has(uid)) this.fates.set(uid, 'excluded');
    this.commitsMs.push(this.#scheduler.nowMs);
    const covered = state?.coverage.map(({ from, to, verifiedAt }) => `${from}-${to}@${verifiedAt}`).join(' ');
    this.#trace.note(
      `#${life.number} commit ${feed.stream} ${settled.length} ${settled[0]?.uid} ${excluded.length} ${covered}`,
    );
    this.#onCommit(commit);
  }

  async #settleStatements(organization: string, settled: readonly Settled[]): Promise<void> {
    await this.#storage.settleStatements(organization, settled);
    for (const { uid, fate } of settled) this.statements.set(uid, fate);
    this.#trace.note(`statements ${settled.length} ${settled[0]?.uid}`);
  }
}

function diskError(): CollectorError {
  return new CollectorError('retryable', 'database or disk is full');
}
