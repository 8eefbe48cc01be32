import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The Collector configuration that is shipped. */
export const SHIPPED = fileURLToPath(new URL('../../../otel-collector.yaml', import.meta.url));

/** What a pipeline of the configuration names. */
interface Pipeline {
  readonly exporters: readonly string[];
  readonly processors?: readonly string[];
  readonly extensions?: readonly string[];
}

/** The shipped configuration with everything that a comment shows switched on, and these named in the pipeline. */
export async function switchedOn({ exporters, processors = [], extensions = [] }: Pipeline): Promise<string> {
  return (await shownText())
    .replace('exporters: [otlp_http/loki]', `exporters: [${exporters.join(', ')}]`)
    .replace('processors: [memory_limiter]', `processors: [${['memory_limiter', ...processors].join(', ')}]`)
    .replace('extensions: [health_check]', `extensions: [${['health_check', ...extensions].join(', ')}]`);
}

/** The same, with only the named components left, so that a Collector that lacks the others takes it. */
export async function withOnly(pipeline: Pipeline): Promise<string> {
  const document = parse(await switchedOn(pipeline)) as Record<string, Record<string, unknown>>;
  const { exporters, processors = [], extensions = [] } = pipeline;
  const kept = {
    exporters,
    processors: ['memory_limiter', ...processors],
    extensions: ['health_check', ...extensions],
  };
  for (const [kind, names] of Object.entries(kept)) {
    document[kind] = Object.fromEntries(Object.entries(document[kind] ?? {}).filter(([name]) => names.includes(name)));
  }
  return JSON.stringify(document);
}

/** As it is after removing "# " from every line that is not prose. */
async function shownText(): Promise<string> {
  return (await readFile(SHIPPED, 'utf8')).replaceAll(/^( *)# /gm, '$1');
}
