import { parseArgs } from 'node:util';
import { HEAVY_FROM, LONG_FROM } from '../generate.ts';
import type { CrashFinder, PlantedBug } from './bug.ts';
import { BUGS } from './bugs.ts';
import { plant, uproot } from './plant.ts';
import { type Found, readRecorded, record } from './record.ts';
import { tryCrash } from './try-crash.ts';
import { trySeeds } from './try-seeds.ts';

const HELP = `Usage: npm run simulate:planted -- [--only TEXT]... [--seeds N] [--workers N] [--record] [--recheck]

Plants bugs into copies of the sources, one at a time, and plays up to N histories (default 1000) until one of them
breaks a promise. --only takes those whose name holds a text. --record writes down which seed found which bug, for CI
and for docs/guarantee.md. --recheck plays the recorded seed of a bug first, which costs minutes instead of hours. Ends with 1 when a bug is not found.
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    seeds: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    record: { type: 'boolean', default: false },
    recheck: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What is known of the sources as they are, by seed. */
const passing = new Map<number, Promise<boolean>>();

if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const seeds = candidates(Number(values.seeds));
  const bugs = BUGS.filter(({ name }) => values.only.some(text => name.includes(text)));
  const found: Record<string, Found> = { ...(await readRecorded()) };
  const queue = [...bugs];
  let missed = 0;
  let recording = Promise.resolve();
  const work = async () => {
    for (let bug = queue.shift(); bug !== undefined; bug = queue.shift()) {
      const find = await hunt(bug, seeds);
      say(`${bug.name}: ${find === undefined ? 'NOT FOUND' : `after ${find.after} (${find.judges.join(', ')})`}`);
      if (find === undefined) {
        missed += 1;
        delete found[bug.name];
      } else {
        found[bug.name] = find;
      }
      // At once, so that one that takes too long takes none of the others with it; one after another, since it is read too.
      if (values.record) recording = recording.then(() => record(BUGS, found));
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  await recording;
  say(`${bugs.length - missed} of ${bugs.length} planted bugs were found`);
  return missed === 0 ? 0 : 1;
}

/** Short histories, and now and then one of weeks or one that fills the memory. */
function candidates(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => {
    if (i % 100 === 59) return HEAVY_FROM + (i - 59) / 100;
    if (i % 100 === 79) return LONG_FROM + (i - 79) / 100;
    return i + 1;
  });
}

/** The first history that the bug breaks, and the sources as they are do not. */
async function hunt(bug: PlantedBug, seeds: readonly number[]): Promise<Found | undefined> {
  const directory = await plant(bug);
  try {
    const known = values.recheck ? (await readRecorded())[bug.name]?.seed : undefined;
    if (known !== undefined && known !== seeds[0]) {
      const find = await huntIn(directory, bug, [known]);
      if (find !== undefined) return { ...find, after: seeds.indexOf(known) + 1 };
    }
    return await huntIn(directory, bug, seeds);
  } finally {
    await uproot(directory);
  }
}

async function huntIn(directory: string, { finder }: PlantedBug, seeds: readonly number[]): Promise<Found | undefined> {
  if (finder !== undefined) return huntInCrashes(finder, directory, seeds);
  for (let from = 0; from < seeds.length; ) {
    const find = await trySeeds(directory, seeds.slice(from));
    if (find === undefined) return undefined;
    const at = find.seed === 0 ? from : seeds.indexOf(find.seed);
    const seed = seeds[at] ?? 0;
    if (await passes(seed)) return { seed, after: at + 1, judges: find.judges };
    from = at + 1;
  }
  return undefined;
}

/** The same, where a run of a crash test takes the place of a history. */
async function huntInCrashes(
  finder: CrashFinder,
  directory: string,
  seeds: readonly number[],
): Promise<Found | undefined> {
  for (const [at, seed] of seeds.entries()) {
    const find = await tryCrash(directory, finder, seed);
    if (find === 'skipped') throw new Error(`the test '${finder}' is skipped here: nothing can be traced`);
    if (find !== undefined) return { seed, after: at + 1, judges: find.judges };
  }
  return undefined;
}

/** Whether the sources as they are keep their promises in this history. */
function passes(seed: number): Promise<boolean> {
  const known = passing.get(seed) ?? playUnchanged(seed);
  passing.set(seed, known);
  return known;
}

async function playUnchanged(seed: number): Promise<boolean> {
  const directory = await plant(undefined);
  try {
    return (await trySeeds(directory, [seed])) === undefined;
  } finally {
    await uproot(directory);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
