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

/** A source whose state knows some events, and a receiver that lists others on one page. */
function read(state: readonly Listed[], events: readonly ListedEvent[], ended: boolean) {
  const feed: Partial<Feed> = { isCovered: () => true, isForgotten: () => false, sawEvents: () => undefined };
  const time: Partial<ApiTime> = { mark: () => ({ monotonicMs: 0, estimateS: 0 }), trustedS: () => 1000 };
  const pipeline: Partial<Pipeline> = { known: async () => state };
  const source = { feed, time, pipeline } as unknown as Source;
  const receiver: Receiver = {
    async *walk() {
      yield { events, oldest: events.at(-1)?.effectiveAt, descending: true, ended };
    },
  };
  return readSlice(source, receiver, { from: 10, to: 20 }, 1, signal);
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

it('tells nothing of seconds that were not read to their end', async () => {
  const { span, withdrawn } = await read(
    [known('a', 12), known('gone', 15)],
    [listed('c', 16), listed('b', 14)],
    false,
  );
  expect(span).toEqual({ from: 15, to: 20 });
  expect(withdrawn).toEqual(['gone']);
});
