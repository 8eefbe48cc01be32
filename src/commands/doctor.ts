import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createUndiciClient } from '../api/undici-client.ts';
import { systemClock } from '../clock.ts';
import type { ListenOn } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { doctor as examine, exitCodeFor, withoutConfig } from '../doctor/doctor.ts';
import { jsonReport, type Report, textReport } from '../doctor/report.ts';
import type { World } from '../doctor/world.ts';
import { DISK } from '../enrichment/disk.ts';
import { EXIT, ExitError } from '../errors.ts';
import { packageVersion } from '../version.ts';
import { type CommandIo, hasColour } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector doctor [--config FILE] [--json]

Looks at everything that collecting needs, and says of each whether it works, or why not and what to do: the machine, the
state, the API, the key and its scopes, both streams of the audit log, the inventory, the limits, and the backend.
Also beside a running collector. It sends each API at most 13 requests, 2 of them to the audit log, and the backend two
records (openai.collector.probe).

  --config FILE  the configuration of the collector
  --json         for a program

Ends with 0 when nothing needs a person, 1 when something does, 2 when the configuration is not valid, 12 when the key is
refused. It takes less than 10 seconds.
`;

const NARROWEST = 40;
const WIDEST = 100;

/** Says what works, and what to do about the rest. */
export async function doctor(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: { config: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const { stdout } = io;
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  const report = await reportOn(values.config, io);
  const width = Math.min(Math.max(stdout.columns ?? 80, NARROWEST), WIDEST);
  stdout.write(values.json ? jsonReport(report) : textReport(report, { width, colour: hasColour(io) }));
  return exitCodeFor(report.findings);
}

async function reportOn(path: string | undefined, { env, signal }: CommandIo): Promise<Report> {
  const http = createUndiciClient();
  const world: World = {
    clock: systemClock,
    version: await packageVersion(),
    nodeVersion: process.versions.node,
    lookup: async host => (await lookup(host)).address,
    freeBytes: async directory => {
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
    listen: tryToListen,
    files: DISK,
    http,
  };
  try {
    const { config, warnings } = await loadConfig({ path, env });
    return await examine(config, warnings, world, signal);
  } catch (error) {
    if (error instanceof ExitError) return await withoutConfig(error, world, signal);
    throw error;
  } finally {
    await http.close();
  }
}

async function tryToListen({ host, port }: ListenOn): Promise<void> {
  const server = createServer();
  await once(server.listen(port, host), 'listening');
  await new Promise(resolve => server.close(resolve));
}
