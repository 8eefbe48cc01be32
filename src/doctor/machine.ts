import { resolve } from 'node:path';
import type { Config, ListenOn } from '../config/config.ts';
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
  const places = Object.entries(wanted).filter(([, on]) => on !== undefined && on.port !== 0);
  if (places.length === 0) return ok('none is fixed');
  const shown = (on: ListenOn | undefined) => `${on?.host}:${on?.port}`;
  const said = places.map(([, on]) => shown(on)).join(', ');
  if (isStateLocked(resolve(storage.path))) return ok(`the collector that runs has ${said}`);
  for (const [key, on] of places) {
    const error = on && (await listen(on).then(undefined, (reason: NodeJS.ErrnoException) => reason));
    if (error)
      return fail(
        'port-unusable',
        `${key}: nothing can listen at ${shown(on)} (${error.code === 'EADDRINUSE' ? 'in use' : (error.code ?? error.message)})`,
      );
  }
  return ok(said);
}
