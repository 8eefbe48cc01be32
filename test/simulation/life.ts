import type { Clock } from '../../src/clock.ts';
import type { Job, Scheduler } from './scheduler.ts';

/** Points at which a process can be killed: before and after each effect on the outside, and before it hears of it. */
export type Moment = 'before answer' | `${'before' | 'after'} ${Effect}`;
export type Effect =
  | 'export'
  | 'claim'
  | 'commit'
  | 'settleStatements'
  | 'replay'
  | 'readmit'
  | 'setNote'
  | 'prune'
  | InventoryEffect;
type InventoryEffect = 'recordInventory' | 'settleInventory' | 'replayInventory';

export const MOMENTS: readonly Moment[] = [
  'before answer',
  'before claim',
  'after claim',
  'before export',
  'after export',
  'before commit',
  'after commit',
  'before settleStatements',
  'after settleStatements',
];

export const INVENTORY_MOMENTS: readonly Moment[] = [
  'before recordInventory',
  'after recordInventory',
  'before settleInventory',
  'after settleInventory',
];

/** What setTimeout makes of anything shorter. */
const SHORTEST_TIMER_MS = 1;
/** So often nobody looks at the clock before anything happens, unless it goes round in circles. */
const MOST_LOOKS = 100_000;

/**
 * One process from its start to its end. Whatever it waits for goes through here, so that once it is dead nothing it
 * began has an effect any more: its promises never settle.
 */
export class Life {
  readonly number: number;
  readonly stop = new AbortController();
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #onDeath: (life: Life) => void;
  readonly #startedMs: number;
  #suspendedMs = 0;
  #awakeAtMs = 0;
  #dead = false;
  /** How often the clock was read, and when. */
  #looks = 0;
  #lookedMs = -1;
  #deadly: Moment | undefined;
  /** How many such moments it came to. */
  effects = 0;
  #deadlyEffect = Number.POSITIVE_INFINITY;

  constructor(number: number, scheduler: Scheduler, wallMs: () => number, onDeath: (life: Life) => void) {
    this.number = number;
    this.#scheduler = scheduler;
    this.#startedMs = scheduler.nowMs;
    this.#onDeath = onDeath;
    this.clock = {
      nowMs: wallMs,
      monotonicMs: () => this.#monotonicMs(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get dead(): boolean {
    return this.#dead;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#onDeath(this);
  }

  /** It dies at the next such moment, if there is one. */
  dieAt(moment: Moment | undefined): void {
    this.#deadly = moment;
  }

  /** It dies when it comes to its moment of this number. */
  dieAtEffect(number: number): void {
    this.#deadlyEffect = number;
  }

  /** Whether it is still alive after this moment. */
  survives(moment: Moment): boolean {
    if (this.#dead) return false;
    this.effects += 1;
    if (this.#deadly === moment || this.effects === this.#deadlyEffect) this.die();
    return !this.#dead;
  }

  /** The machine sleeps: nothing runs, and the monotonic clock stands still. */
  suspend(ms: number): void {
    const { nowMs } = this.#scheduler;
    const asleepUntilMs = Math.max(this.#awakeAtMs, nowMs);
    this.#awakeAtMs = Math.max(asleepUntilMs, nowMs + ms);
    // It may sleep already.
    this.#suspendedMs += this.#awakeAtMs - asleepUntilMs;
  }

  /** Ends a sleep of the machine. */
  wake(): void {
    const leftMs = this.#awakeAtMs - this.#scheduler.nowMs;
    if (leftMs <= 0) return;
    this.#awakeAtMs = this.#scheduler.nowMs;
    this.#suspendedMs -= leftMs;
  }

  /** Runs a job of this process later, when it is awake; never once it is dead. */
  later(ms: number, run: () => void): Job {
    const fire = () => {
      if (this.#dead || job.cancelled) return;
      const asleepMs = this.#awakeAtMs - this.#scheduler.nowMs;
      if (asleepMs <= 0) run();
      // In small steps, since somebody may wake it.
      else this.#scheduler.at(this.#scheduler.nowMs + Math.min(asleepMs, 10_000), fire);
    };
    const job = this.#scheduler.at(this.#scheduler.nowMs + ms, fire);
    return job;
  }

  /** A call to the outside: `start` may settle it at any time, which a dead process does not notice. */
  call<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#dead) return;
      const settle = (how: () => void) => {
        if (!this.#dead) how();
      };
      start(
        value => settle(() => resolve(value)),
        error => settle(() => reject(error)),
      );
    });
  }

  #monotonicMs(): number {
    this.#looks = this.#scheduler.nowMs === this.#lookedMs ? this.#looks + 1 : 0;
    this.#lookedMs = this.#scheduler.nowMs;
    // A real process would be deaf and dumb for ever.
    if (this.#looks > MOST_LOOKS) throw new Error(`the clock was read ${MOST_LOOKS} times at one moment`);
    const stillMs = Math.max(0, this.#awakeAtMs - this.#scheduler.nowMs);
    return this.#scheduler.nowMs - this.#startedMs - this.#suspendedMs + stillMs;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.call((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const job = this.later(Math.max(ms, SHORTEST_TIMER_MS), () => {
        signal.removeEventListener('abort', onAbort);
        resolve(undefined);
      });
      const onAbort = () => {
        job.cancelled = true;
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
