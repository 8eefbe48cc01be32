import { createUndiciClient } from './api/undici-client.ts';
import type { Clock, Random } from './clock.ts';
import type { Output } from './commands/command.ts';
import type { Config } from './config/config.ts';
import { createOtlpExporter } from './exporter/otlp.ts';
import { createLogger, type Logger, logFormat } from './log.ts';
import type { Ports } from './service.ts';
import { openStorage } from './storage/sqlite.ts';
import { packageVersion } from './version.ts';

export function openLog({ telemetry: { logs } }: Config, output: Output, clock: Clock): Logger {
  const format = logFormat(logs.format, output.isTTY === true);
  return createLogger({ level: logs.level, format, clock, write: line => output.write(line) });
}

/**
 * Opens the backend, the state and the way to the API for as long as `work` takes.
 * @throws ExitError stateInUse when another process has the state, and whatever else opening says.
 */
export async function withPorts<T>(
  config: Config,
  world: { readonly clock: Clock; readonly random: Random; readonly log: Logger },
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const version = await packageVersion();
  const program = `openai-audit-collector/${version}`;
  const exporter = createOtlpExporter(config.exporter, { name: 'openai-audit-collector', version });
  const storage = await openStorage(config.storage.path, { program });
  const http = createUndiciClient();
  try {
    world.log.info('started', {
      version,
      organizations: config.organizations.map(({ name }) => name).join(','),
      backend: config.exporter.logsUrl,
      state: config.storage.path,
    });
    return await work({ ...world, http, exporter, storage, userAgent: program });
  } finally {
    await exporter.shutdown();
    await http.close();
    await storage.close();
  }
}
