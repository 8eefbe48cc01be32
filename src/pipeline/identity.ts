import type { Storage } from '../storage/storage.ts';
import type { Source } from './source.ts';

/** So many answers are needed until the API's time can be trusted. */
const FIRST_ANSWERS = 3;
const KNOWN_IDS = 100;
const MOST_PAGES = 5;

/** What a person is told when a key shows another organization than it did. */
export const FOREIGN =
  'the key shows another organization than the state: none of the newest known events is listed. ' +
  'Put the right admin_key, or give this organization another name in the configuration';

/** Asks until the API's time can be trusted, which `start_from` and coverage are measured with; not for ever. */
export async function learnTime(source: Source, signal: AbortSignal): Promise<void> {
  const { time, feed, receivers } = source;
  for (let answers = 0; answers < FIRST_ANSWERS && time.trustedS(time.mark()) === undefined; answers++) {
    for await (const { events } of receivers.live.walk({}, signal)) {
      if (events.length > 0) feed.sawEvents();
      break;
    }
  }
}

/**
 * Whether the key still shows the organization that the ledger knows: the stream's listing must hold one of the newest
 * ids, or that of another of its streams (`sources`) one of its own, since a quiet stream may have few that are listed
 * still. `empty` when the API lists nothing at all where they were.
 */
export async function identify(
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
): Promise<'same' | 'another' | 'empty'> {
  const own = await look(source, storage, signal);
  if (own !== 'another') return own === 'unknown' ? 'same' : own;
  for (const other of sources) {
    if (other !== source && (await look(other, storage, signal)) === 'same') return 'same';
  }
  return 'another';
}

/** `unknown` when no id is remembered by which one could tell. */
async function look(source: Source, storage: Storage, signal: AbortSignal) {
  const { key, state } = source.feed;
  // Where ids are forgotten a parked one alone is left, and says nothing; nor does one that is known to be gone.
  const newest = (await storage.newest(key, KNOWN_IDS)).filter(
    ({ effectiveAt, withdrawn }) => effectiveAt >= state.floor && withdrawn === undefined,
  );
  const times = newest.map(event => event.effectiveAt);
  if (times.length === 0) return 'unknown';
  const waiting = await storage.inFlight(key.organization);
  const known = new Set([...newest, ...waiting].map(event => event.uid));
  let pages = 0;
  let listed = 0;
  const asked = { gte: Math.min(...times), lte: Math.max(...times) };
  for await (const { events } of source.receivers.live.walk(asked, signal)) {
    listed += events.length;
    if (events.some(event => known.has(event.uid) || known.has(`${event.uid}#${event.type}`))) return 'same';
    pages += 1;
    if (pages >= MOST_PAGES) break;
  }
  return listed === 0 ? 'empty' : 'another';
}
