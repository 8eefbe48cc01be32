import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Clock, type Random, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { type ReloadOptions, untilReloaded } from '../config/reload.ts';
import { CollectorError, EXIT, ExitError } from '../errors.ts';
import { createOtlpExporter } from '../exporter/otlp.ts';
import { createMetricsPush } from '../exporter/otlp-metrics.ts';
import { shownUrl } from '../exporter/shown-url.ts';
import { withExtensions } from '../extension/extensions.ts';
import type { Logger } from '../log.ts';
import type { Drained } from '../pipeline/drain.ts';
import { withLog, withPorts } from '../ports.ts';
import type { Works } from '../progress/works.ts';
import { drainService, type Ports, runService } from '../service.ts';
import { stateSize } from '../storage/state-size.ts';
import { Telemetry, type Vitals } from '../telemetry/telemetry.ts';
import { packageVersion } from '../version.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

/** How often the files that hold secrets are looked at. */
const LOOK_AGAIN_MS = 10_000;

const HELP = `Usage: openai-audit-collector run [--config FILE] [--once]

Collects until SIGTERM or SIGINT. Without --config, OPENAI_ADMIN_KEY must be set; the rest are defaults and the
standard OTEL_* variables.

  --config FILE  the configuration, in YAML (config/default.yaml is a start)
  --once         deliver and cover what is listed by now, say what became of each stream, and end:
                 0 all covered, 1 something is set aside, the backend keeps it waiting or it was stopped before, 12 the key
                 is refused
`;

/** Collects, until stopped or once. */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: { config: { type: 'string' }, once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return EXIT.ok;
  }
  const loaded = await loadConfig({ path: values.config, env: io.env });
  return withLog(loaded.config, io, systemClock, async ({ log, progress }) => {
    for (const warning of loaded.warnings) log.warn(warning, { code: 'config-warning' });
    const world = { clock: systemClock, random: Math.random, log, progress };
    if (values.once) return withPorts(loaded.config, world, ports => drain(loaded.config, ports, io.signal));
    await collect(loaded, world, io.signal).catch(error => {
      // To be stopped is how it ends, wherever it is.
      if (error !== io.signal.reason) throw error;
    });
    log.info('stopped');
    return EXIT.ok;
  });
}

interface RunWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly progress: Works;
}

/** Collects until stopped; opens everything anew, in the same process, when a file that holds a secret has changed. */
async function collect(first: LoadedConfig, world: RunWorld, signal: AbortSignal): Promise<void> {
  let loaded: LoadedConfig | undefined = first;
  while (loaded !== undefined) {
    const { config } = loaded;
    loaded = await untilChanged(loaded, world, signal, stop =>
      withPorts(config, world, ports =>
        observed(config, ports, world.progress, telemetry => runService(config, { ...ports, telemetry }, stop)),
      ),
    );
    if (loaded !== undefined) world.log.info('a file that the configuration names has changed: going on with it');
  }
}

/** Stops `work` when such a file has changed, and resolves with what it then comes to; with nothing when it ended otherwise. */
async function untilChanged(
  loaded: LoadedConfig,
  { clock, log }: RunWorld,
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<void>,
): Promise<LoadedConfig | undefined> {
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const scope = { name: 'openai-audit-collector', version: await packageVersion() };
  const options: ReloadOptions = {
    readFile: path => readFile(path, 'utf8'),
    pause: until => clock.sleep(LOOK_AGAIN_MS, until),
    check: ({ exporter }) => void createOtlpExporter(exporter, scope).shutdown(),
    onRefused: ({ message }) =>
      log.warn('a file that the configuration names has changed to what is not accepted: going on as before', {
        code: 'reload-refused',
        reason: message,
      }),
  };
  const changed = untilReloaded(loaded, options, stop).then(
    next => {
      ended.abort();
      return next;
    },
    error => {
      if (stop.aborted) return undefined;
      ended.abort();
      throw error;
    },
  );
  changed.catch(() => undefined);
  try {
    await work(stop);
  } finally {
    ended.abort();
  }
  return signal.aborted ? undefined : changed;
}

/** Works with someone watching, who serves and sends what is seen. */
async function observed(
  config: Config,
  ports: Ports,
  works: Works,
  work: (telemetry: Telemetry) => Promise<void>,
): Promise<void> {
  const { clock, log, storage } = ports;
  const scope = { name: 'openai-audit-collector', version: await packageVersion() };
  const telemetry = new Telemetry({
    clock,
    storage,
    works,
    version: scope.version,
    storagePath: resolve(config.storage.path),
    backend: shownUrl(new URL(config.exporter.logsUrl)),
    organizations: config.organizations.map(({ name }) => name),
    vitals: () => vitals(config.storage.path),
    showEvents: config.health.showEvents,
  });
  const { otlpUrl: url } = config.telemetry.metrics;
  const resource = {
    'service.namespace': 'openai',
    ...config.resourceAttributes,
    'service.name': scope.name,
    'service.instance.id': `${hostname()}:${resolve(config.storage.path)}`,
  };
  const push = url === undefined ? undefined : createMetricsPush(config.exporter, { ...scope, url, resource });
  const graphs = {
    organizations: config.organizations.filter(({ inventory }) => inventory.enabled).map(({ name }) => name),
    inventory: (name: string) => storage.inventory(name),
  };
  await withExtensions(config, telemetry, { clock, log, graphs, push }, () => work(telemetry));
}

async function vitals(path: string): Promise<Vitals> {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss(), stateBytes: await stateSize(path) };
}

async function drain(config: Config, ports: Ports, signal: AbortSignal): Promise<number> {
  try {
    const drained = await drainService(config, ports, signal);
    for (const each of drained) report(each);
    return drained.some(({ source }) => source.feed.asides.length > 0) ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof CollectorError)) throw error;
    throw new ExitError(error.status === 401 ? 'key-refused' : (error.code ?? 'failed'), error.message, error);
  }
}

function report({ source: { feed, log }, outcome }: Drained): void {
  const asides = feed.asides.length;
  if (asides > 0) log.error('some spans are set aside; run again to try them', { code: 'span-aside', spans: asides });
  else log.info('done', { outcome });
}
