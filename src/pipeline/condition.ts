import { type Backoff, backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { CollectorError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Source } from './source.ts';

const BACKOFF: Backoff = { initialMs: 1_000, maxMs: 60_000 };
const HELD_INTERVAL_MS = 60_000;
/** A trouble that lasts is said again this often. */
const REPEAT_MS = 5 * 60_000;

/** Whether a loop's work succeeds; says each change once, and a lasting trouble now and then, not at every attempt. */
export class Condition {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #said: Set<string>;
  #failures = 0;
  #trouble: CollectorError | undefined;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor({ log, clock, said }: Pick<Source, 'log' | 'clock' | 'said'>) {
    this.#log = log;
    this.#clock = clock;
    this.#said = said;
  }

  get failures(): number {
    return this.#failures;
  }

  get failing(): boolean {
    return this.#trouble !== undefined;
  }

  /** A person must act. */
  get held(): boolean {
    return this.#trouble?.kind === 'misconfigured' || this.#trouble?.kind === 'rejected';
  }

  succeeded(): void {
    if (this.#trouble !== undefined) {
      this.#said.delete(this.#trouble.message);
      this.#log.info('reading works again', { failed_attempts: this.#failures });
    }
    this.#trouble = undefined;
    this.#failures = 0;
    this.#saidMs = Number.NEGATIVE_INFINITY;
  }

  failed(trouble: CollectorError): void {
    this.#failures += 1;
    const nowMs = this.#clock.monotonicMs();
    const changed = this.#trouble?.message !== trouble.message;
    this.#trouble = trouble;
    if (!changed && nowMs - this.#saidMs < REPEAT_MS) return;
    this.#saidMs = nowMs;
    const isSaid = this.#said.has(trouble.message);
    this.#said.add(trouble.message);
    if (changed && isSaid) return;
    const fields = { reason: trouble.message, failed_attempts: this.#failures };
    if (this.held)
      this.#log.error('reading is on hold until a person acts; it is tried again every minute', {
        code: trouble.code ?? 'reading-on-hold',
        ...fields,
      });
    else if (trouble.status === 429) this.#log.info('the API slows reading down', fields);
    else this.#log.warn('reading failed; it is tried again', { code: trouble.code ?? 'reading-failed', ...fields });
  }

  /** How long to wait until the next attempt: never longer than a poll, unless a person must act. */
  waitMs({ random, feed }: Pick<Source, 'random' | 'feed'>): number {
    if (this.held) return HELD_INTERVAL_MS;
    return Math.min(feed.config.pollIntervalMs, backoffMs(BACKOFF, this.#failures, random));
  }
}

/** Lets through what no loop can handle: an abort, a mistake in the program. */
export function handled(error: unknown, signal: AbortSignal): CollectorError {
  if (signal.aborted || !(error instanceof CollectorError)) throw error;
  return error;
}
