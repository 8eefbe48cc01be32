import { type Backoff, backoffMs } from '../backoff.ts';
import type { Clock, Random } from '../clock.ts';
import { CollectorError } from '../errors.ts';
import type { Logger } from '../log.ts';

const BACKOFF: Backoff = { initialMs: 500, maxMs: 30_000 };

/**
 * Repeats a storage operation until it succeeds: a full disk heals without a restart. Operations must bear repetition,
 * since one that failed may have happened.
 */
export async function persist<T>(
  operation: () => Promise<T>,
  { clock, random, log, signal }: { clock: Clock; random: Random; log: Logger; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof CollectorError && error.kind === 'retryable')) throw error;
      const waitMs = backoffMs(BACKOFF, attempt, random);
      log.error('the state cannot be written; nothing is lost, delivery waits', {
        code: 'state-unwritable',
        reason: error.message,
        attempt,
        retry_in_ms: Math.round(waitMs),
      });
      await clock.sleep(waitMs, signal);
    }
  }
}
