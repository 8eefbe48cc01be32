import type { DeliveryEvent } from '../exporter/delivery-event.ts';
import type { Logger } from '../log.ts';

/** A backend that is away for long is said at the first failure and about this often. */
const SAY_AGAIN_MS = 60_000;

type Failure = Extract<DeliveryEvent, { kind: 'attempt_failed' }>;

/** Says what happens on the way to the backend, once where it lasts. Each function knows one lane's absence. */
export function logDelivery(log: Logger): (event: DeliveryEvent) => void {
  let away: { readonly sinceMs: number; readonly saidAtMs: number } | undefined;

  const failed = ({ message: reason, attempt, atMs, waitMs, records, unknown }: Failure): void => {
    const isNews = away === undefined || atMs - away.saidAtMs >= SAY_AGAIN_MS;
    const sinceMs = away?.sinceMs ?? atMs;
    away = { sinceMs, saidAtMs: away === undefined || isNews ? atMs : away.saidAtMs };
    log[isNews ? 'warn' : 'debug']('the backend did not take a batch; it is tried again, nothing is lost', {
      code: 'delivery-failed',
      reason,
      attempt,
      away_s: seconds(atMs - sinceMs),
      records,
      outcome_unknown: unknown,
      retry_in_ms: Math.round(waitMs),
    });
  };

  return event => {
    switch (event.kind) {
      case 'acknowledged':
        if (away !== undefined)
          log.info('the backend takes batches again', { away_s: seconds(event.atMs - away.sinceMs) });
        away = undefined;
        return log.debug('acknowledged', { records: event.records, ms: Math.round(event.tookMs) });
      case 'attempt_failed':
        return failed(event);
      case 'held':
        return log.error('delivery is on hold until a person acts; nothing is lost', {
          code: 'delivery-on-hold',
          reason: event.message,
          held_s: seconds(event.heldMs),
        });
      case 'released':
        return log.info('delivery goes on', { held_s: seconds(event.heldMs) });
      case 'halved':
        return log.warn('a batch is sent again in smaller parts', {
          code: 'batch-halved',
          reason: event.message,
          records: event.records,
        });
      // A verdict on records ends an absence too, and its line says so.
      case 'parked':
        away = undefined;
        return log.error('the backend refuses records for good; they are parked in the state', {
          code: 'records-parked',
          reason: event.reason,
          said: event.message,
          records: event.records,
        });
      case 'aside':
        away = undefined;
        return log.debug('the backend takes no records of this time', {
          reason: event.message,
          records: event.records,
        });
    }
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
