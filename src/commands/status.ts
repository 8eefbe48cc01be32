import { resolve } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { EXIT } from '../errors.ts';
import { shownUrl } from '../exporter/shown-url.ts';
import { statusText } from '../extension/terminal.ts';
import { statusOfRunning } from '../running-status.ts';
import { openStorage } from '../storage/sqlite.ts';
import { stateSize } from '../storage/state-size.ts';
import type { Status } from '../telemetry/status.ts';
import { statusFromStorage } from '../telemetry/stored.ts';
import { packageVersion } from '../version.ts';
import { type CommandIo, hasColour } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector status [--config FILE] [--json]

Says how collecting goes: of each stream its lag, what is covered and what is open, of delivery whether the backend takes
batches, what is parked, and the requests. Asks the collector that runs, at health.endpoint; where none answers, looks
into the state, which nobody is disturbed by.

  --config FILE  the configuration of the collector
  --json         for a program: what /status says

Ends with 0 when a collector answers and no person needs to act, else with 1.
`;

const WIDEST = 110;

/** Shows how collecting goes. */
export async function status(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: { config: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const { stdout, env } = io;
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  const { config } = await loadConfig({ path: values.config, env });
  const found = (await statusOfRunning(config, io.signal)) ?? (await ofState(config));
  const width = Math.min(stdout.columns ?? 80, WIDEST);
  const shown = { width, colour: hasColour(io) };
  stdout.write(values.json ? `${JSON.stringify(found, undefined, 2)}\n` : statusText(found, shown));
  return found.ready ? EXIT.ok : EXIT.failed;
}

async function ofState(config: Config): Promise<Status> {
  const path = resolve(config.storage.path);
  const storage = await openStorage(path, { readOnly: true });
  try {
    return await statusFromStorage(config, storage, {
      version: await packageVersion(),
      nowMs: systemClock.nowMs(),
      storage: { path, bytes: await stateSize(path) },
      backend: shownUrl(new URL(config.exporter.logsUrl)),
    });
  } finally {
    await storage.close();
  }
}
