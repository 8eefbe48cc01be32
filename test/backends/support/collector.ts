import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type RunningProcess, startProcess, until } from '../../support/process.ts';
import { type DeliveredRecord, readOtlpFile } from './otlp-file.ts';

const TO_FILE = fileURLToPath(new URL('./collector-to-file.yaml', import.meta.url));

export interface CollectorOptions {
  /** The binary, see findBackend. */
  readonly binary: string;
  /** For the file that it exports to; a Collector started again with the same directory goes on in that file. */
  readonly directory: string;
  /** Loopback port for OTLP/HTTP; give the old one to replace a Collector that has ended. */
  readonly port?: number;
  /** A configuration file other than "OTLP/HTTP to a file". It listens on OTLP_LISTEN and HEALTH_LISTEN. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningCollector {
  readonly process: RunningProcess;
  readonly port: number;
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** Every record acknowledged so far, in the order of arrival, repetitions included. */
  readonly delivered: () => Promise<readonly DeliveredRecord[]>;
}

/** A real OpenTelemetry Collector on loopback, ready to receive. */
export async function startCollector(options: CollectorOptions): Promise<RunningCollector> {
  const port = options.port ?? (await freePort());
  const health = `127.0.0.1:${await freePort()}`;
  const output = join(options.directory, 'delivered.json');
  const running = await startProcess(
    options.binary,
    ['--config', options.config ?? TO_FILE, '--set', 'service.telemetry.metrics.level=none'],
    { env: { OTLP_LISTEN: `127.0.0.1:${port}`, HEALTH_LISTEN: health, OUTPUT_FILE: output, ...options.env } },
  );
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  await until('the Collector to be healthy', async () => ended || (await fetch(`http://${health}`)).ok);
  if (ended) throw new Error(`the Collector did not start:\n${running.stderr()}`);

  return {
    process: running,
    port,
    endpoint: `http://127.0.0.1:${port}`,
    delivered: () => readOtlpFile(output),
  };
}
