import { createDice, type Dice } from '../../src/emulator/random.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Commit, Fate, InFlight, Storage } from '../../src/storage/storage.ts';
import type { History } from './history.ts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** Hears every commit that happened. */
export type OnCommit = (commit: Commit) => void;

/** The state as it survives every process: a real storage, with the delays, failures and deaths around each call. */
export class SimulatedDisk {
  /** What the state says of each uid that was ever claimed or excluded. */
  readonly fates = new Map<string, Fate | 'in_flight'>();
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

  storageFor(life: Life): Storage {
    const real = this.#storage;
    const read = <T>(work: () => Promise<T>) => this.#call(life, 'read', work);
    const write = <T>(name: string, work: () => Promise<T>) => this.#call(life, name, work);
    return {
      organizations: () => read(() => real.organizations()),
      feed: key => read(() => real.feed(key)),
      inFlight: organization => read(() => real.inFlight(organization)),
      fates: (organization, uids) => read(() => real.fates(organization, uids)),
      parked: organization => read(() => real.parked(organization)),
      newest: (key, limit) => read(() => real.newest(key, limit)),
      counts: (key, span) => read(() => real.counts(key, span)),
      ids: (key, span) => real.ids(key, span),
      note: key => read(() => real.note(key)),
      claim: rows => write('claim', () => this.#claim(rows)),
      commit: commit => write('commit', () => this.#commit(life, commit)),
      replay: (organization, uids, way) => write('replay', () => real.replay(organization, uids, way)),
      prune: (organization, before) => write('prune', () => real.prune(organization, before)),
      readmit: (organization, types) => write('readmit', () => real.readmit(organization, types)),
      setNote: (key, text) => write('note', () => real.setNote(key, text)),
      close: async () => {},
    };
  }

  /** Calls happen one after another, in the order they were made. */
  #call<T>(life: Life, name: string, work: () => Promise<T>): Promise<T> {
    return life.call<T>((resolve, reject) => {
      const run = () => {
        const written = name === 'claim' || name === 'commit' ? name : undefined;
        if (written !== undefined && !life.survives(`before ${written}`)) return;
        const failure = name === 'read' ? undefined : this.#failure();
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
    const { settled = [], excluded = [], state, feed } = commit;
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
}

function diskError(): CollectorError {
  return new CollectorError('retryable', 'database or disk is full');
}
