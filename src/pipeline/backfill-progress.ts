import type { Filled } from './gap.ts';
import type { Source } from './source.ts';

const SAY_EVERY_MS = 60_000;

/** Says how far a backfill is: once a minute while it lasts, and when it is complete. */
export class BackfillProgress {
  readonly #source: Source;
  #events = 0;
  #untilS = 0;
  #saidMs: number | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  filled({ span, found }: Filled): void {
    const nowMs = this.#source.clock.monotonicMs();
    this.#saidMs ??= nowMs;
    this.#events += found;
    if (span.from < span.to) this.#untilS = span.to;
    if (nowMs - this.#saidMs < SAY_EVERY_MS) return;
    this.#saidMs = nowMs;
    this.#say('filling history');
  }

  /** Nothing is open any more. */
  ended(): void {
    if (this.#events > 0) this.#say('history is complete');
    this.#events = 0;
    this.#saidMs = undefined;
  }

  #say(message: string): void {
    const upTo = this.#untilS === 0 ? undefined : new Date(this.#untilS * 1000).toISOString();
    this.#source.log.info(message, { events: this.#events, up_to: upTo });
  }
}
