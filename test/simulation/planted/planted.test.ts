import { describe, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { plant, uproot } from './plant.ts';
import { readRecorded } from './record.ts';
import { tryCrash } from './try-crash.ts';
import { type Find, trySeeds } from './try-seeds.ts';

const recorded = await readRecorded();

/** Tried where no history is recorded, or a change of the engine made another of it that finds nothing. */
const OTHERS = Array.from({ length: 1000 }, (_, n) => n + 1);

describe('the simulation can fail', () => {
  it('knows at least forty planted bugs', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
  });

  it('finds nothing where nothing is planted', async () => {
    const played = BUGS.filter(({ finder }) => finder === undefined).map(({ name }) => recorded[name]?.seed ?? 1);
    const seeds = [...new Set(played)];
    await withSources(undefined, async directory => expect(await trySeeds(directory, seeds)).toBeUndefined());
  });

  it.concurrent.for(BUGS)('finds: $name', async (bug, { skip }) => {
    const { seed } = recorded[bug.name] ?? { seed: undefined };
    await withSources(bug, async directory => {
      const { finder } = bug;
      const find: Find | 'skipped' | undefined =
        finder === undefined
          ? await trySeeds(directory, seed === undefined ? OTHERS : [seed, ...OTHERS])
          : await tryCrash(directory, finder, seed ?? 1);
      skip(find === 'skipped', 'nothing can be traced here');
      expect(find, `neither history ${seed} nor the first ${OTHERS.length} find it any more`).toBeDefined();
      if (find !== undefined && find !== 'skipped' && find.seed !== seed) await isHonest(bug.name, find.seed);
    });
  });
});

/** Another history may stand for the recorded one only if the sources as they are keep their promises in it. */
async function isHonest(name: string, seed: number): Promise<void> {
  process.stdout.write(`planted: '${name}' is found by history ${seed} now: npm run simulate:planted -- --record\n`);
  await withSources(undefined, async directory => expect(await trySeeds(directory, [seed])).toBeUndefined());
}

async function withSources(
  bug: (typeof BUGS)[number] | undefined,
  work: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await plant(bug);
  try {
    await work(directory);
  } finally {
    await uproot(directory);
  }
}
