import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { CollectorError, EXIT, ExitError } from '../errors.ts';
import type { Drained } from '../pipeline/drain.ts';
import { openLog, withPorts } from '../ports.ts';
import { drainService, type Ports, runService } from '../service.ts';
import type { CommandIo } from './command.ts';

const HELP = `Usage: openai-audit-collector run [--config FILE] [--once]

Collects until SIGTERM or SIGINT. Without --config, OPENAI_ADMIN_KEY must be set; the rest are defaults and the
standard OTEL_* variables.

  --config FILE  the configuration, in YAML (config/default.yaml is a start)
  --once         deliver and cover what is listed by now, say what became of each stream, and end:
                 0 all covered, 1 something is set aside, 12 the key is refused
`;

/** Collects, until stopped or once. */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { config: { type: 'string' }, once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  const { config, warnings } = await loadConfig({ path: values.config, env: io.env });
  const log = openLog(config, io.stderr, systemClock);
  for (const warning of warnings) log.warn(warning);
  return withPorts(config, { clock: systemClock, random: Math.random, log }, async ports => {
    if (values.once) return drain(config, ports, io.signal);
    await runService(config, ports, io.signal);
    log.info('stopped');
    return EXIT.ok;
  });
}

async function drain(config: Config, ports: Ports, signal: AbortSignal): Promise<number> {
  try {
    const drained = await drainService(config, ports, signal);
    for (const each of drained) report(each);
    return drained.some(({ source }) => source.feed.asides.length > 0) ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    throw new ExitError(error.status === 401 ? EXIT.keyRefused : EXIT.failed, error.message, error);
  }
}

function report({ source: { feed, log }, outcome }: Drained): void {
  const asides = feed.asides.length;
  if (asides > 0) log.error('some spans are set aside; run again to try them', { spans: asides });
  else log.info('done', { outcome });
}
