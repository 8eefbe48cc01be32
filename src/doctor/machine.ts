import { fail, ok, type Result, warn } from './check.ts';

/** As `engines` of package.json. */
const OLDEST_NODE = 24;

export function checkNode(nodeVersion: string): Result {
  if (Number.parseInt(nodeVersion, 10) >= OLDEST_NODE) return ok(nodeVersion);
  return fail('node-unsupported', `this is Node.js ${nodeVersion}; ${OLDEST_NODE} is the oldest that is supported`);
}

export function checkWarnings(warnings: readonly string[]): Result {
  return warnings.length === 0 ? ok() : warn('config-warning', warnings.join('; '));
}
