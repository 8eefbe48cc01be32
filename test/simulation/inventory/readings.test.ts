import { describe, expect, it } from 'vitest';
import { MORE, ONCE } from './faults.ts';
import { playCalm, playEach } from './judged.ts';
import { playLives } from './lives.ts';

/** A sample: every request and every effect are played by `npm run test:simulation`. */
const FAULTS = [...ONCE, ...MORE].map((fault, i) => [JSON.stringify(fault), fault, i] as const);
const KILLS = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8];
const LIVES = [1, 2];

describe.each(['first', 'later'] as const)('of the inventory, the %s reading', async during => {
  const calm = await playCalm(during);

  it('tells what changed, each once, and only that', () => {
    expect(calm.news.length > 50).toBe(during === 'later');
    expect(new Set(calm.news).size).toBe(calm.news.length);
    // A setting that is not found is not believed at once.
    expect(calm.afterwards).toEqual(during === 'later' ? ['spend_limit.removed acme'] : []);
  });

  it.each(FAULTS)('tells the same when a request meets %s', async (_, fault, i) => {
    expect(await playEach(during, calm, [1 + ((i * 11) % calm.requests)], fault)).toEqual([]);
  });

  it.each(KILLS)('tells the same, and goes on where it was, when it dies at %f of its effects', async share => {
    expect(await playEach(during, calm, [Math.ceil(share * calm.effects)])).toEqual([]);
  });
});

it.each(LIVES)(
  'nothing false is ever told of an inventory, and nothing is missing in the end, in life %i',
  async life => {
    expect(await playLives(life), `npm run simulate:inventory -- --lives ${life}`).toEqual([]);
  },
);

it('a history is played the same way every time', async () => {
  const [one, other] = [await playCalm('later'), await playCalm('later')];
  expect(one.digest).toBe(other.digest);
});
