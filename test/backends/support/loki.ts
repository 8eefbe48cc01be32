import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type RunningProcess, startProcess, until } from '../../support/process.ts';
import { type LokiAnswer, type LokiRow, lokiQueries } from './loki-queries.ts';

/** The configuration that is shipped. */
const SHIPPED = fileURLToPath(new URL('../../../config/loki.yaml', import.meta.url));

/** One of which nobody changed a limit. */
export const UNTOUCHED = fileURLToPath(new URL('./loki-untouched.yaml', import.meta.url));

export interface LokiOptions {
  /** The binary, see findBackend. */
  readonly binary: string;
  /** For its data; a Loki started again with the same directory goes on with them. */
  readonly directory: string;
  /** Loopback port for HTTP; give the old one to replace a Loki that has ended. */
  readonly port?: number;
  /** A configuration file other than the shipped one. It reads LOKI_HOST, LOKI_PORT, LOKI_GRPC_PORT and LOKI_DATA. */
  readonly config?: string;
  readonly args?: readonly string[];
}

export interface RunningLoki {
  readonly process: RunningProcess;
  readonly port: number;
  /** For LOKI_URL of the shipped Collector configuration. */
  readonly url: string;
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** Every line that a log query finds in the last `days` (30), repetitions included, oldest first. */
  readonly rows: (query: string, days?: number) => Promise<readonly LokiRow[]>;
  /** How many lines a log query finds in the last `days`; while chunks are not flushed a repetition may count twice. */
  readonly count: (query: string, days: number) => Promise<number>;
  /** What the query API answers to an instant query. */
  readonly instant: (query: string) => Promise<LokiAnswer>;
  /** The same for a range query over the last `hours` in 100 steps. */
  readonly range: (query: string, hours: number) => Promise<LokiAnswer>;
  /** Answers of any other path of its API, such as `/loki/api/v1/labels`. */
  readonly get: (path: string) => Promise<unknown>;
  /** How many records it says that it refused, by reason. */
  readonly discarded: () => Promise<Readonly<Record<string, number>>>;
}

/** A real Loki on loopback, ready to receive and to answer. */
export async function startLoki(options: LokiOptions): Promise<RunningLoki> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess(
    options.binary,
    [`-config.file=${options.config ?? SHIPPED}`, '-config.expand-env=true', ...(options.args ?? [])],
    {
      env: {
        LOKI_HOST: '127.0.0.1',
        LOKI_PORT: String(port),
        LOKI_GRPC_PORT: String(await freePort()),
        LOKI_DATA: join(options.directory, 'loki'),
      },
    },
  );
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  await until('Loki to be ready', async () => ended || (await fetch(`${url}/ready`)).ok, 120_000);
  if (ended) throw new Error(`Loki did not start:\n${running.stderr()}`);

  return { process: running, port, url, endpoint: `${url}/otlp`, ...lokiQueries(url) };
}
