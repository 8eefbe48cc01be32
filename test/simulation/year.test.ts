import { describe, expect, it } from 'vitest';
import { generate, LONG_FROM } from './generate.ts';
import { simulate } from './simulation.ts';

const YEAR_MS = 366 * 86_400_000;
/** The longest life has 60 days, the shortest 30. */
const SEEDS = Array.from({ length: 9 }, (_, i) => LONG_FROM + i);

describe('a year of simulated time', () => {
  let simulatedMs = 0;

  it.each(SEEDS)('keeps its promises for weeks, in history %i', async seed => {
    const result = await simulate(generate(seed));
    simulatedMs += result.simulatedMs;
    expect(result.violations, `npm run simulate -- --seeds 1 --from ${seed} --verbose`).toEqual([]);
  });

  it('was a year at least', () => {
    expect(simulatedMs).toBeGreaterThan(YEAR_MS);
  });
});
