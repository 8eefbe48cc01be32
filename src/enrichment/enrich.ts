import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { readActor } from '../processor/actor.ts';
import { at } from '../processor/json.ts';
import type { Enrich } from '../processor/processor.ts';
import { type DatabaseFiles, GeoDatabases } from './geoip.ts';

/**
 * Has the configured databases open for as long as `work` takes; it gets undefined when there are none, since then no
 * event need be looked at.
 * @throws ExitError usage that names the key and the file when a database cannot be used.
 */
export async function withEnrichment<T>(
  { geoip }: { readonly geoip: { readonly databases: readonly string[] } },
  files: DatabaseFiles,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  work: (enrich: Enrich | undefined) => Promise<T>,
): Promise<T> {
  if (geoip.databases.length === 0) return work(undefined);
  const databases = await GeoDatabases.open(geoip.databases, files, log);
  const closed = new AbortController();
  const following = databases.follow(clock, log, closed.signal);
  try {
    return await work(createEnrich(databases));
  } finally {
    closed.abort();
    await following;
  }
}

/** What the databases say of the address that an event was caused from. */
function createEnrich(databases: Pick<GeoDatabases, 'lookUp'>): Enrich {
  return event => {
    const { ip } = readActor(at(event, 'actor'));
    const geo = ip === undefined ? undefined : databases.lookUp(ip);
    return geo === undefined ? undefined : { geo };
  };
}
