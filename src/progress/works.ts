import type { Clock } from '../clock.ts';
import { Pace } from './pace.ts';
import type { Progress, Reach, Task, Work } from './progress.ts';

/** Work that is under way, and how far. */
export interface UnderWay extends Work, Pick<Reach, 'facts'> {
  readonly done: number;
  readonly total: number;
  readonly tookMs: number;
  /**
   * How long the rest should take: at the speed of the last minutes, and no less than the learned limits allow; absent
   * while neither is known.
   */
  readonly leftMs?: number;
}

/** All long work of this process that is under way. */
export class Works implements Progress {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #begun = new Map<Task, Begun>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  begin(work: Work, done = 0): Task {
    const startedMs = this.#clock.monotonicMs();
    const begun: Begun = { work, startedMs, pace: new Pace(startedMs, done), reach: { done, total: done } };
    const task: Task = {
      reached: reach => {
        begun.reach = reach;
        begun.pace.look(this.#clock.monotonicMs(), reach.done);
      },
      end: () => void this.#begun.delete(task),
    };
    this.#begun.set(task, begun);
    return task;
  }

  /** The oldest first. */
  underWay(): readonly (UnderWay & { readonly task: Task })[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#begun].map(([task, begun]) => ({ task, ...underWay(begun, nowMs) }));
  }
}

interface Begun {
  readonly work: Work;
  readonly startedMs: number;
  readonly pace: Pace;
  reach: Reach;
}

function underWay({ work, startedMs, pace, reach }: Begun, nowMs: number): UnderWay {
  const { done, total, leastMs, facts } = reach;
  const leftMs = Math.max(pace.leftMs(total - done, nowMs) ?? 0, leastMs?.() ?? 0);
  return {
    ...work,
    done,
    total,
    tookMs: nowMs - startedMs,
    ...(leftMs === 0 ? {} : { leftMs }),
    ...(facts === undefined ? {} : { facts }),
  };
}
