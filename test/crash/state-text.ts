import { openStorage } from '../../src/storage/sqlite.ts';
import type { Listed } from '../../src/storage/storage.ts';
import { ORGANIZATION } from '../support/stage.ts';
import { STREAMS } from './scene.ts';

const ALL_TIME = { from: 0, to: 2 ** 40 };
const NOTES = ['limits', 'exclude_types'].map(name => `${name}/${ORGANIZATION}`);

/** All that a state says, as JSON: the ids with a fate of each stream, and everything else. Rejects when it does not open. */
export async function readState(path: string): Promise<{ readonly ids: string; readonly rest: string }> {
  const storage = await openStorage(path);
  try {
    const keys = STREAMS.map(stream => ({ organization: ORGANIZATION, stream }));
    const rest = [
      await storage.organizations(),
      await Promise.all(keys.map(key => storage.feed(key))),
      await storage.inFlight(ORGANIZATION),
      await storage.parked(ORGANIZATION),
      await storage.statements(ORGANIZATION, 1e6, 0),
      await Promise.all(NOTES.map(key => storage.note(key))),
    ];
    const ids: Listed[][] = keys.map(() => []);
    for (const [n, key] of keys.entries()) for await (const event of storage.ids(key, ALL_TIME)) ids[n]?.push(event);
    return { ids: JSON.stringify(ids), rest: JSON.stringify(rest) };
  } finally {
    await storage.close();
  }
}
