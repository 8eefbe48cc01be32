import { ATTRIBUTE } from '../processor/attribute-names.ts';
import type { LogRecord } from '../record.ts';
import type { FeedKey } from '../storage/storage.ts';
import type { EventStatus } from './status.ts';

const MOST = 20;
/** Of a sentence; more is no sentence. */
const MOST_CHARACTERS = 300;

/** The newest events that were delivered, by their own time. Holds what the backend got of them, not what the API said. */
export class NewestEvents {
  #events: readonly EventStatus[] = [];

  delivered(feed: FeedKey, records: readonly LogRecord[], deliveredAtMs: number): void {
    const events = records.map(record => eventStatus(feed, record, deliveredAtMs));
    this.#events = [...events, ...this.#events].sort((a, b) => b.atMs - a.atMs).slice(0, MOST);
  }

  /** The newest first. */
  get list(): readonly EventStatus[] {
    return this.#events;
  }
}

function eventStatus(
  { organization, stream }: FeedKey,
  { timestamp, eventName, attributes }: LogRecord,
  deliveredAtMs: number,
): EventStatus {
  const summary = attributes[ATTRIBUTE.summary];
  return {
    organization,
    stream,
    atMs: timestamp * 1000,
    deliveredAtMs,
    name: eventName,
    summary: typeof summary === 'string' ? summary.slice(0, MOST_CHARACTERS).toWellFormed() : '',
  };
}
