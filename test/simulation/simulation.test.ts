import { describe, expect, it } from 'vitest';
import { generate } from './generate.ts';
import { simulate } from './simulation.ts';

/** A failing history is replayed by `SIM_SEED=n`, or with all that happened in it by `node test/simulation/run.ts`. */
const given = process.env.SIM_SEED;
const SEEDS = given === undefined ? Array.from({ length: 14 }, (_, i) => 7091 + i) : [Number(given)];

describe('the whole collector on simulated time', () => {
  it.each(SEEDS)('keeps its promises in history %i', async seed => {
    const { violations } = await simulate(generate(seed));
    expect(violations, `node test/simulation/run.ts --seeds 1 --from ${seed} --verbose`).toEqual([]);
  });

  it('plays a seed the same way every time', async () => {
    const seed = SEEDS[0] ?? 1;
    const first = await simulate(generate(seed));
    const second = await simulate(generate(seed));
    expect(first.events).toBeGreaterThan(0);
    expect(second.digest).toBe(first.digest);
  });
});
