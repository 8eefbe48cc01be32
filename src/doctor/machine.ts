import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { openAll } from '../enrichment/geoip.ts';
import { isStateLocked } from '../storage/lock.ts';
import { fail, ok, type Result, warn } from './check.ts';
import type { World } from './world.ts';

/** As `engines` of package.json. */
const OLDEST_NODE = 24;

export function checkNode(nodeVersion: string): Result {
  if (Number.parseInt(nodeVersion, 10) >= OLDEST_NODE) return ok(nodeVersion);
  return fail('node-unsupported', `this is Node.js ${nodeVersion}; ${OLDEST_NODE} is the oldest that is supported`);
}

export function checkWarnings(warnings: readonly string[]): Result {
  return warnings.length === 0 ? ok() : warn('config-warning', warnings.join('; '));
}

export async function checkDatabases({ enrichment: { geoip } }: Config, { files }: World): Promise<Result> {
  const { length } = await openAll(geoip.databases, files);
  return ok(`${length} of them`);
}

/** A collector that runs has them. */
export async function checkPorts({ health, telemetry, storage }: Config, { listen }: World): Promise<Result> {
  const wanted = { 'health.endpoint': health.endpoint, 'telemetry.metrics.prometheus': telemetry.metrics.prometheus };
  const places = Object.entries(wanted).flatMap(([key, on]) =>
    on === undefined || on.port === 0 ? [] : [{ key, on, place: `${on.host}:${on.port}` }],
  );
  if (places.length === 0) return ok('none is fixed');
  const said = places.map(({ place }) => place).join(', ');
  if (isStateLocked(resolve(storage.path))) return ok(`the collector that runs has ${said}`);
  for (const { key, on, place } of places) {
    const error = await listen(on).catch((reason: NodeJS.ErrnoException) => reason);
    if (error === undefined) continue;
    const why = error.code === 'EADDRINUSE' ? 'in use' : (error.code ?? error.message);
    return fail('port-unusable', `${key}: nothing can listen at ${place} (${why})`);
  }
  return ok(said);
}
