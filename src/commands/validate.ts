import { loadConfig } from '../config/load.ts';
import { DISK } from '../enrichment/disk.ts';
import { openAll } from '../enrichment/geoip.ts';
import { EXIT } from '../errors.ts';
import { shownUrl } from '../exporter/shown-url.ts';
import { readTlsFiles } from '../exporter/tls-files.ts';
import type { CommandIo } from './command.ts';
import { readOptions } from './options.ts';

const HELP = `Usage: openai-audit-collector validate [--config FILE] [--print]

Reads the configuration as \`run\` would, and says everything that is wrong with it: key, line, column, and what is
accepted. Asks nothing of the network and touches no state.

  --config FILE  the configuration, in YAML; without it, what the environment says
  --print        show it with every default, variable and reference resolved, and its secrets hidden

Ends with 0 when it is valid, 2 when it is not.
`;

/** Says whether the configuration is valid. */
export async function validate(argv: readonly string[], { stdout, stderr, env }: CommandIo): Promise<number> {
  const { values } = readOptions({
    args: [...argv],
    options: { config: { type: 'string' }, print: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    stdout.write(HELP);
    return EXIT.ok;
  }
  const { config, warnings, resolved } = await loadConfig({ path: values.config, env });
  // What only shows when a file is opened.
  readTlsFiles(config.exporter.tls);
  await openAll(config.enrichment.geoip.databases, DISK);
  for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
  if (values.print) {
    stdout.write(resolved());
    return EXIT.ok;
  }
  const names = config.organizations.map(({ name }) => name).join(', ');
  stdout.write(
    `${values.config ?? 'The environment'} is valid: it collects ${names} for ${shownUrl(new URL(config.exporter.logsUrl))}\n`,
  );
  return EXIT.ok;
}
