import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort, type RunningProcess, startProcess, until } from '../../support/process.ts';

/** The configuration that is shipped. */
const SHIPPED = new URL('../../../config/prometheus.yaml', import.meta.url);

export interface PrometheusOptions {
  /** The binary, see findBackend. */
  readonly binary: string;
  /** For its configuration and its data. */
  readonly directory: string;
  /** Instead of those of the shipped configuration: host:port. */
  readonly target: string;
}

export interface RunningPrometheus {
  readonly process: RunningProcess;
  /** Every value that a query gives, of all series: now, or in the last five minutes, second by second. */
  readonly values: (query: string, kind: 'instant' | 'range') => Promise<readonly number[]>;
  readonly alerts: () => Promise<readonly Alert[]>;
}

interface Alert {
  readonly name: string;
  readonly state: 'inactive' | 'pending' | 'firing';
  /** Of its evaluation: `ok`, `err`, or `unknown` before the first. */
  readonly health: string;
}

/** A real Prometheus on loopback with the shipped rules, which scrapes and evaluates every second. */
export async function startPrometheus({ binary, directory, target }: PrometheusOptions): Promise<RunningPrometheus> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(directory, 'prometheus.yaml');
  await writeFile(config, await configuration(target));
  const running = await startProcess(binary, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(directory, 'prometheus')}`,
    `--web.listen-address=${address}`,
  ]);
  const get = async (path: string, parameters: Record<string, string> = {}): Promise<unknown> => {
    const answer = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.status} ${text}`);
    return JSON.parse(text).data;
  };
  await until('Prometheus to be ready', async () => (await fetch(`http://${address}/-/ready`)).ok);

  return {
    process: running,
    values: async (query, kind) => {
      const nowS = Date.now() / 1000;
      const time = { start: String(nowS - 300), end: String(nowS), step: '1s' };
      const data = await (kind === 'instant' ? get('query', { query }) : get('query_range', { query, ...time }));
      return (data as QueryData).result
        .flatMap(({ value, values = [] }) => (value === undefined ? values : [value]))
        .map(([, text]) => Number(text));
    },
    alerts: async () => ((await get('rules', { type: 'alert' })) as RulesData).groups.flatMap(({ rules }) => rules),
  };
}

interface QueryData {
  readonly result: readonly {
    readonly value?: readonly [number, string];
    readonly values?: readonly (readonly [number, string])[];
  }[];
}

interface RulesData {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
}

/** The shipped one, with all that is only so in containers, and how long a person would wait, replaced. */
async function configuration(target: string): Promise<string> {
  const shipped = parse(await readFile(SHIPPED, 'utf8'));
  const [job] = shipped.scrape_configs;
  return stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: shipped.rule_files.map((path: string) => fileURLToPath(new URL(path, SHIPPED))),
    scrape_configs: [{ ...job, static_configs: [{ targets: [target] }] }],
  });
}
