import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { PushMetrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Graphs, graphPages } from './graph-pages.ts';
import { healthPages } from './health.ts';
import { prometheusPages } from './prometheus.ts';
import { type Server, serve } from './server.ts';

const PUSH_MS = 60_000;
const LONGEST_PUSH_MS = 5_000;

interface ExtensionPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly graphs: Graphs;
  /** Absent when metrics are not to be sent. */
  readonly push?: PushMetrics | undefined;
}

/**
 * Serves and sends what is configured for as long as `work` takes.
 * @throws ExitError usage when a port cannot be had.
 */
export async function withExtensions<T>(
  { health, telemetry: { metrics } }: Config,
  telemetry: Telemetry,
  { clock, log, graphs, push }: ExtensionPorts,
  work: () => Promise<T>,
): Promise<T> {
  const servers: Server[] = [];
  const ended = new AbortController();
  const pushing = push === undefined ? undefined : pushLoop(telemetry, push, clock, log, ended.signal);
  try {
    if (health.endpoint !== undefined) {
      servers.push(
        await serve('health.endpoint', health.endpoint, { ...healthPages(telemetry), ...graphPages(graphs) }),
      );
      log.info('the status page is served', { url: `${servers.at(-1)?.url}/` });
    }
    if (metrics.prometheus !== undefined) {
      servers.push(await serve('telemetry.metrics.prometheus', metrics.prometheus, prometheusPages(telemetry)));
      log.info('metrics are served', { url: `${servers.at(-1)?.url}/metrics` });
    }
    return await work();
  } finally {
    ended.abort();
    await pushing;
    for (const server of servers.toReversed()) await server.close();
  }
}

/** Metrics are no events: what the backend does not take now is told again in a minute, by higher numbers. */
async function pushLoop(telemetry: Telemetry, push: PushMetrics, clock: Clock, log: Logger, ended: AbortSignal) {
  let failed = false;
  for (;;) {
    await clock.sleep(PUSH_MS, ended).catch(() => undefined);
    try {
      const samples = await telemetry.samples();
      const signal = AbortSignal.timeout(LONGEST_PUSH_MS);
      await push({ samples, sinceMs: telemetry.startedAtMs, nowMs: clock.nowMs() }, signal);
      if (failed) log.info('the backend takes metrics again');
      failed = false;
    } catch (error) {
      if (!failed)
        log.warn('the backend did not take metrics; they are sent again every minute', {
          code: 'metrics-unsent',
          reason: String(error),
        });
      failed = true;
    }
    if (ended.aborted) return;
  }
}
