import type { Interval } from '../../src/coverage/intervals.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Commit, Fate, FeedKey, InFlight, Listed, Request, Settled, Storage } from '../../src/storage/storage.ts';
import type { History } from './history.ts';
import type { Effect, Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Seen } from './simulated-api.ts';
import type { Trace } from './trace.ts';

/** Calls that write: a full disk refuses them, and a process may die at them. */
const WRITES: ReadonlySet<string> = new Set<Effect>([
  'claim',
  'commit',
  'replay',
  'prune',
  'readmit',
  'setNote',
  'settleStatements',
  'recordInventory',
  'settleInventory',
  'replayInventory',
]);
/** A process that looks whether it is asked something hears of it at once, or after so long that it is not. */
const ASKED_NOTHING_MS = 30 * 60_000;

export interface Watcher {
  /** Every commit that happened. */
  committed(commit: Commit): void;
  /** Hours that are no longer covered. */
  readmitted(organization: string, hours: readonly Interval[]): void;
  /** An event has its row or its fate. */
  known(uid: string): void;
}

/** What the operator asked a running process. */
interface Asked extends Request {
  answer: string | undefined;
}

/** The state as it survives every process: a real storage, with the delays, failures and deaths around each call. */
export class SimulatedDisk {
  /** What the state says of each uid that was ever claimed or excluded. */
  readonly fates = new Map<string, Fate | 'in_flight'>();
  /** Fates of what the collector said of itself. */
  readonly statements = new Map<string, Fate>();
  /** What has to be said of events besides, by the statement's uid: late ones, and parked ones. */
  readonly owedStatements = new Set<string>();
  /** Uids that were parked though the backend may have some of them. */
  readonly uncertain = new Set<string>();
  readonly asked: Asked[] = [];
  /** Simulated times of all commits. */
  readonly commitsMs: number[] = [];
  mostInFlight = 0;
  calm = false;
  watcher: Watcher | undefined;
  readonly #storage: Storage;
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #dice: Dice;
  readonly #types = new Map<string, string>();
  /** Under which second an excluded event is known. */
  readonly #excludedAt = new Map<string, number>();
  /** Uids of which the claim that counts called them late. */
  readonly cameLate = new Set<string>();
  /** Uids that were parked, and are or were sent again because a person asked for it. */
  readonly replaying = new Set<string>();
  readonly #late = new Set<string>();
  #inFlight = 0;
  #freeAtMs = 0;
  #failing = { share: 0, untilMs: 0 };
  readonly #waiting = new Set<() => void>();

  constructor(storage: Storage, history: History, scheduler: Scheduler, trace: Trace) {
    this.#storage = storage;
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#dice = createDice(`${history.seed} disk`);
  }

  fail(share: number, forMs: number): void {
    this.#failing = { share, untilMs: this.#scheduler.nowMs + forMs };
  }

  /** Leaves a request for the running process, or the next one. */
  ask(organization: string, kind: string, ask: object): Asked {
    const text = JSON.stringify({ kind, ...ask });
    const asked: Asked = { id: this.asked.length + 1, organization, kind, ask: text, answer: undefined };
    this.asked.push(asked);
    for (const tell of this.#waiting) tell();
    return asked;
  }

  /** Under which uid the state knows an event: one whose id came with two types has its type behind it, or not. */
  uidOf({ uid, type }: Pick<Seen, 'uid' | 'type'>): string {
    const known = this.#types.get(uid);
    const other = `${uid}#${type}`;
    return this.fates.has(other) || (known !== undefined && known !== type) ? other : uid;
  }

  fateOf(seen: Seen): Fate | 'in_flight' | undefined {
    return this.fates.get(this.uidOf(seen));
  }

  /** Whether nothing more is to be sent for a uid. */
  isSettled(uid: string): boolean {
    const fate = this.fates.get(uid) ?? this.statements.get(uid) ?? 'in_flight';
    return fate !== 'in_flight';
  }

  /** The state as one process has it: every method of the real one, behind the disk's moods. */
  storageFor(life: Life): Storage {
    const call = <T>(name: string, work: () => Promise<T>) => this.#call(life, name, work);
    const own: Partial<Storage> = {
      claim: rows => call('claim', () => this.#claim(rows)),
      commit: commit => call('commit', () => this.#commit(life, commit)),
      replay: (organization, uids, way) => call('replay', () => this.#replay(organization, uids, way)),
      readmit: (organization, types) => call('readmit', () => this.#readmit(organization, types)),
      settleStatements: (organization, settled) =>
        call('settleStatements', () => this.#settleStatements(organization, settled)),
      replayStatements: (organization, uids, way) => {
        for (const uid of uids) this.statements.delete(uid);
        return call('replay', () => this.#storage.replayStatements(organization, uids, way));
      },
      ids: (key, span) => this.#ids(life, key, span),
      requests: organization => this.#requests(life, organization),
      answer: async (id, answer) => this.#answer(id, answer),
      close: async () => {},
    };
    return new Proxy(this.#storage, {
      get: (real, name) => {
        if (name in own) return Reflect.get(own, name);
        const method: unknown = Reflect.get(real, name);
        if (typeof method !== 'function') return method;
        return (...values: unknown[]) => call(String(name), () => method.apply(real, values));
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
        const written = WRITES.has(name) ? (name as Effect) : undefined;
        if (written !== undefined && !life.survives(`before ${written}`)) return;
        const failure = written === undefined ? undefined : this.#failure();
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
      this.watcher?.known(row.uid);
      if (results[i] === 'claimed') this.#fly(row);
    }
    this.#trace.note(`claim ${rows.length} ${rows[0]?.uid} ${rows[0]?.way} ${results[0]}`);
    return results;
  }

  #fly({ uid, type, delivery, way }: InFlight): void {
    this.fates.set(uid, 'in_flight');
    if (way.startsWith('replay/')) this.replaying.add(uid);
    if (delivery === 'late') this.cameLate.add(uid);
    if (delivery === 'late' && !way.startsWith('replay/')) this.#late.add(uid);
    else this.#late.delete(uid);
    if (!uid.includes('#')) this.#types.set(uid, type);
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
  }

  async #commit(life: Life, commit: Commit): Promise<void> {
    await this.#storage.commit(commit);
    const { settled = [], excluded = [], released = [], state, feed } = commit;
    for (const uid of released) {
      if (this.fates.get(uid) !== 'in_flight') continue;
      this.fates.delete(uid);
      this.#types.delete(uid);
      this.cameLate.delete(uid);
      this.#inFlight -= 1;
    }
    for (const { uid, fate, parked } of settled) {
      if (this.fates.get(uid) === 'in_flight') this.#inFlight -= 1;
      this.fates.set(uid, fate);
      if (parked !== undefined) this.owedStatements.add(`parked/${feed.organization}/${uid}`);
      if (this.#late.has(uid)) this.owedStatements.add(`late/${feed.organization}/${uid}`);
      if (parked?.certain === false) this.uncertain.add(uid);
    }
    for (const { uid, type, effectiveAt } of excluded) this.#exclude(uid, type, effectiveAt);
    this.commitsMs.push(this.#scheduler.nowMs);
    const covered = state?.coverage.map(({ from, to, verifiedAt }) => `${from}-${to}@${verifiedAt}`).join(' ');
    this.#trace.note(
      `#${life.number} commit ${feed.stream} ${settled.length} ${settled[0]?.uid} ${excluded.length} ${covered}`,
    );
    this.watcher?.committed(commit);
  }

  #exclude(uid: string, type: string, effectiveAt: number): void {
    this.watcher?.known(uid);
    const known = this.#types.get(uid);
    const key = known === undefined || known === type ? uid : `${uid}#${type}`;
    if (this.fates.has(key)) return;
    this.fates.set(key, 'excluded');
    this.#excludedAt.set(key, effectiveAt);
    if (key === uid) this.#types.set(uid, type);
  }

  async #replay(organization: string, uids: readonly string[], way: string): ReturnType<Storage['replay']> {
    const rows = await this.#storage.replay(organization, uids, way);
    for (const row of rows) this.#fly(row);
    this.#trace.note(`replay ${rows.length} ${rows[0]?.uid} ${way}`);
    return rows;
  }

  async #readmit(organization: string, types: readonly string[]): ReturnType<Storage['readmit']> {
    const hours = await this.#storage.readmit(organization, types);
    for (const [uid, fate] of this.fates) {
      const type = uid.includes('#') ? uid.slice(uid.indexOf('#') + 1) : this.#types.get(uid);
      if (fate !== 'excluded' || type === undefined || !types.includes(type)) continue;
      // An id that was forgotten with its hours leaves these as they were called.
      const second = this.#excludedAt.get(uid) ?? 0;
      if (!hours.some(({ from, to }) => from <= second && second < to)) continue;
      this.fates.delete(uid);
      this.#types.delete(uid);
    }
    this.watcher?.readmitted(organization, hours);
    return hours;
  }

  async #settleStatements(organization: string, settled: readonly Settled[]): Promise<void> {
    await this.#storage.settleStatements(organization, settled);
    for (const { uid, fate, parked } of settled) {
      this.statements.set(uid, fate);
      if (parked?.certain === false) this.uncertain.add(uid);
    }
    this.#trace.note(`statements ${settled.length} ${settled[0]?.uid}`);
  }

  #requests(life: Life, organization: string): Promise<readonly Request[]> {
    const open = () => this.asked.filter(each => each.organization === organization && each.answer === undefined);
    return life.call(resolve => {
      const found = open();
      const { signal } = life.stop;
      if (found.length > 0 || signal.aborted) return resolve(found);
      const end = () => {
        job.cancelled = true;
        this.#waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve(open());
      };
      const job = life.later(ASKED_NOTHING_MS, end);
      signal.addEventListener('abort', end, { once: true });
      this.#waiting.add(end);
    });
  }

  #answer(id: number, answer: string): void {
    const asked = this.asked.find(each => each.id === id);
    if (asked !== undefined) asked.answer = answer;
    this.#trace.note(`answer ${id} ${answer}`);
  }
}

function diskError(): CollectorError {
  return new CollectorError('retryable', 'database or disk is full');
}
