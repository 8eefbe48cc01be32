import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first seed that broke a promise, and which. */
export interface Find {
  readonly seed: number;
  readonly judges: readonly string[];
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PROGRAM = relative(REPOSITORY, fileURLToPath(new URL('first-failure.ts', import.meta.url)));
const SILENT_MS = 30 * 60_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Plays seeds in a copy of the sources, in a process of its own, until one breaks a promise; undefined when none does. */
export function trySeeds(directory: string, seeds: readonly number[]): Promise<Find | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Find | undefined>();
  const options = { cwd: directory, timeout: SILENT_MS, maxBuffer: MOST_BYTES };
  execFile(process.execPath, [PROGRAM, ...seeds.map(String)], options, (error, stdout, stderr) => {
    const last: Find | null | undefined = JSON.parse(stdout.trim().split('\n').at(-1) || 'null');
    if (error !== null && !last) return reject(new Error(`no history was played: ${stderr}`, { cause: error }));
    // A process that a bug brought down, or had to be killed, says no more than where it was.
    if (last) resolve(last.judges.length > 0 ? last : { ...last, judges: ['crashed'] });
    else resolve(undefined);
  });
  return promise;
}
