import type { DeliveryEvent } from '../exporter/delivery-event.ts';
import type { Logger } from '../log.ts';

/** A backend that is away for long is said at the first failure and at every tenth. */
const SAY_EVERY = 10;

/** Says what happens on the way to the backend, once where it lasts. */
export function logDelivery(log: Logger): (event: DeliveryEvent) => void {
  return event => {
    switch (event.kind) {
      case 'acknowledged':
        return log.debug('acknowledged', { records: event.records, ms: Math.round(event.tookMs) });
      case 'attempt_failed': {
        const { message: reason, attempt, waitMs, records, unknown } = event;
        const fields = { reason, attempt, records, outcome_unknown: unknown, retry_in_ms: Math.round(waitMs) };
        if (attempt === 1 || attempt % SAY_EVERY === 0)
          log.warn('the backend did not take a batch; trying again', fields);
        else log.debug('the backend did not take a batch; trying again', fields);
        return;
      }
      case 'held':
        return log.error('delivery is on hold until a person acts; nothing is lost', {
          reason: event.message,
          held_s: Math.round(event.heldMs / 1000),
        });
      case 'released':
        return log.info('delivery goes on', { held_s: Math.round(event.heldMs / 1000) });
      case 'halved':
        return log.warn('a batch is sent again in smaller parts', { reason: event.message, records: event.records });
      case 'parked':
        return log.error('the backend refuses records for good; they are parked in the state', {
          reason: event.reason,
          said: event.message,
          records: event.records,
        });
      case 'aside':
        return log.debug('the backend takes no records this old', { reason: event.message, records: event.records });
    }
  };
}
