import type { Config } from '../config/config.ts';
import { EXIT, type ExitError } from '../errors.ts';
import { exitCodeOf } from '../problems.ts';
import { type Finding, fail, skipped } from './check.ts';
import { checksOf, inGroup, machineRows } from './checks.ts';
import { examine } from './examine.ts';
import { presentable } from './presentable.ts';
import type { Report } from './report.ts';
import type { World } from './world.ts';

/** Examines everything that collecting with this configuration needs. Changes nothing but two probes in the backend. */
export async function doctor(
  config: Config,
  warnings: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<Report> {
  const startMs = world.clock.monotonicMs();
  const { checks, requests } = checksOf(config, warnings, world, signal);
  const findings = await examine(checks, world.clock, signal);
  return {
    findings: presentable(findings, config),
    requests: requests(),
    elapsedMs: world.clock.monotonicMs() - startMs,
  };
}

/** What can be said without a configuration. */
export async function withoutConfig(error: ExitError, world: World, signal: AbortSignal): Promise<Report> {
  const rows = machineRows([], world).map(row =>
    row.id === 'configuration' ? { ...row, run: () => fail(error.code, error.message) } : row,
  );
  const rest = [{ id: 'rest', claim: 'the rest', needs: ['configuration'], run: () => skipped('') }];
  const findings = await examine(
    [...inGroup('Machine', rows), ...inGroup('Everything else', rest)],
    world.clock,
    signal,
  );
  return { findings, requests: 0, elapsedMs: 0 };
}

/** 0 when nothing needs a person, 12 when that is the key, 2 the configuration, else 1. */
export function exitCodeFor(findings: readonly Finding[]): number {
  const codes = findings.flatMap(({ result }) => (result.mark === 'fail' ? [exitCodeOf(result.code)] : []));
  if (codes.length === 0) return EXIT.ok;
  if (findings.some(({ id, result }) => id === 'configuration' && result.mark === 'fail')) return EXIT.usage;
  return codes.includes(EXIT.keyRefused) ? EXIT.keyRefused : EXIT.failed;
}
