import { describe, expect, it } from 'vitest';
import { MORE, ONCE } from './faults.ts';
import { places, playCalm, playEach } from './judged.ts';

/** What is no error of HTTP befalls every fourth request, each kind others. */
const STEP = 4;
const once = ONCE.map(fault => [JSON.stringify(fault), fault] as const);
const more = MORE.map((fault, i) => [JSON.stringify(fault), fault, 1 + (i % STEP)] as const);

describe.each(['first', 'later'] as const)('of the inventory, the %s reading', async during => {
  const calm = await playCalm(during);

  it.each(once)('tells the same when any request meets %s', async (_, fault) => {
    expect(await playEach(during, calm, places(calm.requests, 1), fault)).toEqual([]);
  });

  it.each(more)('tells the same when a request meets %s', async (_, fault, from) => {
    expect(await playEach(during, calm, places(calm.requests, STEP, from), fault)).toEqual([]);
  });

  it.each([1, 2, 3, 4])('tells the same when it dies at any of its effects, part %i of 4', async from => {
    expect(await playEach(during, calm, places(calm.effects, STEP, from))).toEqual([]);
  });
});
