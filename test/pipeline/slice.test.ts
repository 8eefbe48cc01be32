import { expect, it } from 'vitest';
import type { ApiTime } from '../../src/api/api-time.ts';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import type { Feed } from '../../src/pipeline/feed.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { readSlice } from '../../src/pipeline/slice.ts';
import type { Source } from '../../src/pipeline/source.ts';
import type { Receiver } from '../../src/receiver/receiver.ts';
import type { Listed } from '../../src/storage/storage.ts';

const signal = new AbortController().signal;
const listed = (uid: string, effectiveAt: number, type = 't'): ListedEvent => ({
  uid,
  type,
  effectiveAt,
  timeIsNeighbours: false,
  text: '{}',
});
const known = (uid: string, effectiveAt: number): Listed => ({ uid, type: 't', effectiveAt, fate: 'acknowledged' });

/** A source whose state knows some events. */
function source(state: readonly Listed[]): Source {
  const feed: Partial<Feed> = { isCovered: () => true, isForgotten: () => false, sawEvents: () => undefined };
  const time: Partial<ApiTime> = {
    mark: () => ({ monotonicMs: 0, estimateS: 0, isDated: true }),
    trustedS: () => 1000,
  };
  const pipeline: Partial<Pipeline> = { known: async () => state };
  return { feed, time, pipeline } as unknown as Source;
}

/** Reads from a receiver that lists these events on one page. */
function read(state: readonly Listed[], events: readonly ListedEvent[], ended: boolean) {
  const receiver: Receiver = {
    async *walk() {
      yield { events, oldest: events.at(-1)?.effectiveAt, descending: true, ended };
    },
    boundsHold: () => false,
  };
  return readSlice(source(state), receiver, { from: 10, to: 20 }, 1, signal);
}

it('tells what a span listed once and no longer does', async () => {
  const state = [
    known('a', 12),
    known('gone', 13),
    known('b#t', 14),
    { ...known('old', 15), withdrawn: true as const },
  ];
  const { withdrawn } = await read(state, [listed('b', 14), listed('a', 12)], true);
  expect(withdrawn).toEqual(['gone']);
});

it('keeps what has no time of its own, though its neighbour lies outside', async () => {
  const feed = { isCovered: () => false, isForgotten: () => false, sawEvents: () => undefined };
  const events = [listed('above', 20), { ...listed('timeless', 20), timeIsNeighbours: true }, listed('a', 12)];
  const receiver: Receiver = {
    async *walk() {
      yield { events, oldest: 12, descending: true, ended: true };
    },
    boundsHold: () => false,
  };
  const slice = { from: 10, to: 20 };
  const read = await readSlice({ ...source([]), feed } as unknown as Source, receiver, slice, 1, signal);
  expect(read.events.heads.map(({ uid }) => uid)).toEqual(['timeless', 'a']);
});

it('tells nothing of seconds that were not read to their end', async () => {
  const { span, withdrawn } = await read(
    [known('a', 12), known('gone', 15)],
    [listed('c', 16), listed('b', 14)],
    false,
  );
  expect(span).toEqual({ from: 15, to: 20 });
  expect(withdrawn).toEqual(['gone']);
});

it('asks for a second more on either side, unless the slice is short and the bounds are known to hold', async () => {
  const asked: unknown[] = [];
  const readSpan = (boundsHold: boolean, seconds: number) => {
    const receiver: Receiver = {
      async *walk(span) {
        asked.push(span);
        yield { events: [], oldest: undefined, descending: true, ended: true };
      },
      boundsHold: () => boundsHold,
    };
    return readSlice(source([]), receiver, { from: 100, to: 100 + seconds }, 1, signal);
  };
  await readSpan(false, 1);
  await readSpan(true, 1);
  await readSpan(true, 3600);
  expect(asked).toEqual([
    { gte: 99, lte: 101 },
    { gte: 100, lte: 100 },
    { gte: 99, lte: 3700 },
  ]);
});

it('holds no more than a slice may of a listing without order', async () => {
  let pages = 0;
  const receiver: Receiver = {
    async *walk() {
      for (;;) {
        pages += 1;
        const text = 'x'.repeat(1024 * 1024);
        yield { events: [{ ...listed(`e${pages}`, 100), text }], oldest: 100, descending: false, ended: false };
      }
    },
    boundsHold: () => true,
  };
  await expect(readSlice(source([]), receiver, { from: 100, to: 110 }, 60, signal)).rejects.toThrow('holds too much');
  expect(pages).toBe(8);
  expect(await readSlice(source([]), receiver, { from: 100, to: 101 }, 60, signal)).toMatchObject({ denseSecond: 100 });
});
