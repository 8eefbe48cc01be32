/**
 * What became of events: found for the first time and how (`live`, `backfill`, `late`), listed again (`duplicate`), read
 * and not sent (`excluded`); then `acknowledged`, `parked`, or set aside for an hour (`aside`).
 */
export type Counted = 'live' | 'backfill' | 'late' | 'duplicate' | 'excluded' | 'acknowledged' | 'parked' | 'aside';
