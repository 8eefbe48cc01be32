import type { Clock } from '../../src/clock.ts';

/** Time that moves only when a test says so. */
export interface FakeClock extends Clock {
  /** Wakes every sleeper that is due within `ms`, in order of time, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an operator or NTP does. */
  jump(ms: number): void;
  /** How many sleep now. */
  readonly sleeping: number;
  /** Every duration that was asked for, in order. */
  readonly slept: readonly number[];
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * `auto: true` wakes the next sleeper by itself as soon as the event loop has nothing nearer to do: for code whose
 * sleeps are the only thing it waits for.
 */
export function createFakeClock(options: { readonly startMs?: number; readonly auto?: boolean } = {}): FakeClock {
  const startMs = options.startMs ?? Date.UTC(2026, 0, 1);
  const sleepers = new Set<Sleeper>();
  const slept: number[] = [];
  let elapsedMs = 0;
  let jumpedMs = 0;
  let order = 0;

  const wakeNext = (untilMs: number): boolean => {
    const next = earliest(sleepers);
    if (next === undefined || next.at > untilMs) return false;
    elapsedMs = Math.max(elapsedMs, next.at);
    next.wake();
    return true;
  };

  return {
    nowMs: () => Math.floor(startMs + elapsedMs + jumpedMs),
    monotonicMs: () => elapsedMs,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        order += 1;
        const sleeper: Sleeper = {
          at: elapsedMs + Math.max(ms, 0),
          order,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', onAbort, { once: true });
        if (options.auto) setImmediate(() => wakeNext(Number.POSITIVE_INFINITY));
      });
    },
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      while (wakeNext(untilMs)) await settle();
      elapsedMs = untilMs;
    },
    jump(ms) {
      jumpedMs += ms;
    },
    get sleeping() {
      return sleepers.size;
    },
    get slept() {
      return slept;
    },
  };
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  return [...sleepers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
}

/** One turn of the event loop: all promises that can settle have settled. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
