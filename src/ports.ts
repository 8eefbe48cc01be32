import { createUndiciClient } from './api/undici-client.ts';
import type { Clock, Random } from './clock.ts';
import type { CommandIo, Output } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { DISK } from './enrichment/disk.ts';
import { withEnrichment } from './enrichment/enrich.ts';
import { createOtlpExporter } from './exporter/otlp.ts';
import { shownUrl } from './exporter/shown-url.ts';
import { createLogger, type Logger, logFormat } from './log.ts';
import type { Progress } from './progress/progress.ts';
import { type Shown, withProgress } from './progress/shown.ts';
import type { Ports } from './service.ts';
import { openStorage } from './storage/sqlite.ts';
import { packageVersion } from './version.ts';

/** Opens the log, and shows how far long work is, for as long as `work` takes: as bars where a person watches. */
export function withLog<T>(
  { telemetry: { logs } }: Config,
  { stderr, env }: Pick<CommandIo, 'stderr' | 'env'>,
  clock: Clock,
  work: (shown: Shown) => Promise<T>,
): Promise<T> {
  const format = logFormat(logs.format, stderr.isTTY === true);
  const openLog = (output: Output) =>
    createLogger({ level: logs.level, format, clock, write: line => output.write(line) });
  const bars = format === 'text' && stderr.isTTY === true && env.TERM !== 'dumb';
  return withProgress({ stderr, clock, bars, openLog }, work);
}

/**
 * Opens the backend, the state and the way to the API for as long as `work` takes.
 * @throws ExitError stateInUse when another process has the state, and whatever else opening says.
 */
export async function withPorts<T>(
  config: Config,
  world: { readonly clock: Clock; readonly random: Random; readonly log: Logger; readonly progress: Progress },
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const version = await packageVersion();
  const program = `openai-audit-collector/${version}`;
  const exporter = createOtlpExporter(config.exporter, { name: 'openai-audit-collector', version });
  const storage = await openStorage(config.storage.path, { program });
  const http = createUndiciClient();
  try {
    return await withEnrichment(config.enrichment, DISK, world, enrich => {
      world.log.info('started', {
        version,
        organizations: config.organizations.map(({ name }) => name).join(','),
        backend: shownUrl(new URL(config.exporter.logsUrl)),
        state: config.storage.path,
      });
      return work({ ...world, http, exporter, storage, enrich, userAgent: program });
    });
  } finally {
    await exporter.shutdown();
    await http.close();
    await storage.close();
  }
}
