import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CrashFinder } from './bug.ts';
import type { Find } from './try-seeds.ts';

const TESTS: Readonly<Record<CrashFinder, { readonly file: string; readonly name: string }>> = {
  power: { file: 'power', name: 'keeps every transaction that had ended' },
  answers: { file: 'acknowledgement', name: 'no answer but a true one' },
};
const VITEST = 'node_modules/vitest/vitest.mjs';
const REPORT = 'report.json';
const LONGEST_MS = 30 * 60_000;

/** Plays a sample of a crash test in a copy of the sources; undefined when it passes, 'skipped' where it cannot run. */
export async function tryCrash(
  directory: string,
  finder: CrashFinder,
  seed: number,
): Promise<Find | 'skipped' | undefined> {
  const { file, name } = TESTS[finder];
  const report = join(directory, REPORT);
  const options = ['--project', 'crash', `test/crash/${file}.test.ts`, '-t', name];
  const reporter = ['--reporter=json', `--outputFile=${report}`];
  await run([VITEST, 'run', ...options, ...reporter], directory, seed);
  const { numFailedTests, numPassedTests } = JSON.parse(await readFile(report, 'utf8'));
  if (numFailedTests + numPassedTests === 0) return 'skipped';
  return numFailedTests > 0 ? { seed, judges: [finder] } : undefined;
}

/** Resolves whatever it comes to: the report tells. */
function run(command: readonly string[], cwd: string, seed: number): Promise<void> {
  // It is no part of a run of vitest that is under way here.
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST') && key !== 'CRASH');
  const env = { ...Object.fromEntries(inherited), CRASH_SEED: String(seed) };
  return new Promise(resolve => {
    execFile(process.execPath, command, { cwd, env, timeout: LONGEST_MS, maxBuffer: 2 ** 26 }, () => resolve());
  });
}
