import { parseArgs } from 'node:util';
import { generate, HEAVY_FROM, LONG_FROM } from './generate.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulation.ts';

const HELP = `Usage: node test/simulation/run.ts [--seeds N] [--from SEED] [--verbose] [--shrink] [--digests]

Runs N histories (default 100) from SEED (default 1) on, prints the seeds that broke a promise, and ends with 1 if any did.
Seeds from ${LONG_FROM} on are lives of weeks, from ${HEAVY_FROM} on they have events that would fill the memory.
--shrink also prints the shortest history that it finds by leaving out what happens, one thing after another.
--digests also prints the hash of everything that happened: equal for equal seeds, whatever the Node version.
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    digests: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  process.exitCode = await runSeeds(Number(values.from), Number(values.seeds));
}

async function runSeeds(from: number, count: number): Promise<number> {
  const { verbose, shrink: shrinks, digests } = values;
  const startedMs = performance.now();
  const write = (line: string) => process.stdout.write(`${line}\n`);
  let failed = 0;
  let simulatedMs = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const history = generate(seed);
    if (verbose) write(JSON.stringify(history, undefined, 1));
    const result = await simulate(history, verbose ? write : undefined);
    if (verbose) write(JSON.stringify({ ...result, violations: undefined }));
    if (digests) write(`seed ${seed}: ${result.digest}`);
    simulatedMs += result.simulatedMs;
    if (result.violations.length === 0) continue;
    failed += 1;
    for (const { judge, message, atMs } of result.violations) {
      write(`seed ${seed}: ${judge} at ${(atMs / 1000).toFixed(1)} s: ${message}`);
    }
    if (shrinks) write(JSON.stringify(await shrink(history, result.violations), undefined, 1));
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const days = (simulatedMs / 86_400_000).toFixed(1);
  const line = `${count} histories, ${days} simulated days, in ${seconds} s: ${failed} of them broke a promise`;
  // What goes to another program is the same every time.
  (digests ? process.stderr : process.stdout).write(`${line}\n`);
  return failed === 0 ? 0 : 1;
}
