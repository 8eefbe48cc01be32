import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { writeReadme } from '../readme.ts';
import { play } from './outcome.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Result, table } from './table.ts';

const HELP = `Usage: node bench/faults/run.ts [--only NAME]... [--json FILE] [--write-readme]

Plays every fault between an emulated API and an OTLP receiver, with the real collector as a process of its own, and
compares both ends by id. Ends with 1 when anything is lost, doubled beyond what is allowed, or too late.

  --only NAME     this scenario; may be given again
  --json FILE     the results as JSON
  --write-readme  puts the table between the markers of README.md
  --list          the names

`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      'write-readme': { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return say(HELP, 0);
  if (values.list) return say(SCENARIOS.map(({ name }) => `${name}\n`).join(''), 0);
  const unknown = values.only?.find(name => SCENARIOS.every(scenario => scenario.name !== name));
  if (unknown !== undefined) return say(`--only ${unknown}: there is no such scenario; --list shows them\n`, 2);
  if (values.only && values['write-readme'])
    return say('--write-readme: the README shows all scenarios, not some\n', 2);
  const results = await playAll(SCENARIOS.filter(({ name }) => values.only?.includes(name) ?? true));
  process.stdout.write(`\n${table(results)}`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  if (values['write-readme']) await writeReadme('faults', table(results));
  return results.every(({ outcome }) => outcome.failures.length === 0) ? 0 : 1;
}

async function playAll(scenarios: readonly Scenario[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const scenario of scenarios) {
    const outcome = await play(scenario);
    results.push({ scenario, outcome });
    const { failures, tookMs, said } = outcome;
    const verdict = failures.length === 0 ? 'passed' : `FAILED: ${failures.join('; ')}`;
    process.stderr.write(`${scenario.name}: ${verdict} (${(tookMs / 1000).toFixed(1)} s)\n`);
    if (said !== '') process.stderr.write(`${said.replaceAll(/^/gm, '  ')}\n`);
  }
  return results;
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}
