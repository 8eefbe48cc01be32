import { createDice, type Dice } from '../../src/emulator/random.ts';

/** Whether everything is run that there is, or a sample of each kind. */
export const ALL = process.env.CRASH === 'all';

const seed = process.env.CRASH_SEED ?? String(Math.floor(Math.random() * 1e9));

/** Chance for one test, from the seed of this run and a name of its own. */
export function diceFor(name: string): Dice {
  return createDice(`${seed}/${name}`);
}

/** What was run and what came of it, on a line of its own among the results; with the seed, which replays it as CRASH_SEED. */
export function report(name: string, figures: Readonly<Record<string, string | number>>): void {
  const pairs = Object.entries({ ...figures, seed }).map(([key, value]) => `${key}=${value}`);
  process.stdout.write(`crash: ${name}: ${pairs.join(' ')}\n`);
}

/** At most so many of the items, evenly spread, the first and the last among them; all in a full run. */
export function sample<T>(items: readonly T[], most: number): readonly T[] {
  if (ALL || items.length <= most) return items;
  const step = (items.length - 1) / Math.max(1, most - 1);
  return Array.from({ length: most }, (_, n) => items[Math.round(n * step)] as T);
}

/** Some at once; what fails does not stop the others. Resolves to what was wrong, each with the name of its item. */
export async function failuresOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const failures: string[] = [];
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const found = await work(item).catch((error: unknown) => [String(error)]);
      failures.push(...found.map(failure => `${JSON.stringify(item)}: ${failure}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failures;
}
