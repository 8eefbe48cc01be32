import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { writeReadme } from '../readme.ts';
import { type Figure, isMissed, type Measure } from './figure.ts';
import { MEASURES } from './measures.ts';
import { table } from './table.ts';

const HELP = `Usage: node bench/efficiency/run.ts [--only NAME]... [--most N] [--json FILE] [--write-readme]

Measures what the collector costs, as a process of its own between an emulated API and an OTLP receiver, beside a floor
in the same run: a bare loop that does the least a collector can do. Ends with 1 when a figure is missed.

  --only NAME     this measure; may be given again
  --most N        events of the largest backfill (default 100000; 1000000 takes some ten minutes)
  --json FILE     the figures as JSON
  --write-readme  puts the table between the markers of README.md
  --list          the names

`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      most: { type: 'string', default: '100000' },
      json: { type: 'string' },
      'write-readme': { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return say(HELP, 0);
  if (values.list) return say(MEASURES.map(({ name }) => `${name}\n`).join(''), 0);
  const unknown = values.only?.find(name => MEASURES.every(measure => measure.name !== name));
  if (unknown !== undefined) return say(`--only ${unknown}: there is no such measure; --list shows them\n`, 2);
  if (!/^\d+$/.test(values.most)) return say(`--most ${values.most}: a number of events is expected\n`, 2);
  if (values.only && values['write-readme']) return say('--write-readme: the README shows all measures, not some\n', 2);
  const figures = await measureAll(
    MEASURES.filter(({ name }) => values.only?.includes(name) ?? true),
    Number(values.most),
    async soFar => {
      if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(soFar, undefined, 2)}\n`);
    },
  );
  process.stdout.write(`\n${table(figures)}`);
  if (values['write-readme']) await writeReadme('efficiency', table(figures));
  return figures.some(isMissed) ? 1 : 0;
}

/** `keep` hears of all figures after each measure: one that fails takes none of the others with it. */
async function measureAll(
  measures: readonly Measure[],
  most: number,
  keep: (soFar: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const measure of measures) {
    const startedMs = performance.now();
    figures.push(...(await measure.run(most)));
    await keep(figures);
    process.stderr.write(`${measure.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
  }
  return figures;
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}
