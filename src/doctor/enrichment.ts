import type { Clock } from '../clock.ts';
import { DISK } from '../enrichment/disk.ts';
import { GeoDatabases } from '../enrichment/geoip.ts';
import { createLogger } from '../log.ts';
import { ok, type Result } from './check.ts';

/** Opens them as `run` does, which does not start without one of them. */
export async function checkDatabases(paths: readonly string[], clock: Clock): Promise<Result> {
  const nobody = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });
  await GeoDatabases.open(paths, DISK, nobody);
  return ok(paths.join(', '));
}
