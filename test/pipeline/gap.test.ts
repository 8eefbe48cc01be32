import { expect, it } from 'vitest';
import type { ApiTime } from '../../src/api/api-time.ts';
import { BackfillProgress } from '../../src/pipeline/backfill-progress.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { GapFiller } from '../../src/pipeline/gap.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { Source } from '../../src/pipeline/source.ts';
import { UNSEEN } from '../../src/progress/progress.ts';
import type { Receiver } from '../../src/receiver/receiver.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOW_S = 1_000_000;
const SETTLE_S = 300;
const signal = new AbortController().signal;

/** A stream in which nothing is listed, at an API whose time may be another one at each reading. */
function scene(trustedS: () => number | undefined) {
  const clock = createFakeClock({ auto: true });
  const feed = new Feed(
    { organization: 'acme', stream: 'organization' },
    {
      enabled: true,
      streams: ['organization'],
      pollIntervalMs: 30_000,
      settleMs: SETTLE_S * 1000,
      startFrom: { text: '1h', kind: 'ago', ms: 3_600_000 },
      reverify: [],
      excludeTypes: [],
    },
    undefined,
  );
  feed.start(NOW_S);
  feed.sawEvents();
  const mark = { monotonicMs: 0, estimateS: NOW_S, isDated: true };
  const time: Partial<ApiTime> = { mark: () => mark, trustedS, estimateS: () => NOW_S };
  const pipeline: Partial<Pipeline> = {
    known: async () => [],
    deliver: async (to, _events, _finder, { span, nowS }) => {
      to.cover(span, nowS);
      return { found: 0, late: 0, aside: undefined };
    },
  };
  const gap: Receiver = {
    async *walk() {
      yield { events: [], oldest: undefined, descending: false, ended: true };
    },
    boundsHold: () => true,
  };
  const parts = { feed, time, pipeline, clock, receivers: { gap }, progress: UNSEEN, leastMs: () => 0 };
  const source = parts as unknown as Source;
  return { clock, feed, filler: new GapFiller(source, new BackfillProgress(source)) };
}

it('reads again a second later what the time of the API had not reached when it was read', async () => {
  let readings = 0;
  const { clock, feed, filler } = scene(() => (readings++ === 0 ? NOW_S - 1 : NOW_S));
  const end = NOW_S - SETTLE_S;
  await filler.step(end, signal);
  expect(feed.gaps(end, 0)).toEqual([{ from: end - 1, to: end }]);
  expect(clock.slept).toEqual([1_000]);
  await filler.step(end, signal);
  expect(feed.gaps(end, 0)).toEqual([]);
  expect(clock.slept).toEqual([1_000]);
  expect(await filler.step(end, signal)).toBeUndefined();
});

it('fails where an answer has no Date, and sets nothing aside for it', async () => {
  const { feed, filler } = scene(() => undefined);
  for (let attempt = 0; attempt < 10; attempt++) {
    await expect(filler.step(NOW_S - SETTLE_S, signal)).rejects.toMatchObject({ code: 'api-no-date' });
  }
  expect(feed.asides).toEqual([]);
  expect(filler.isInTrouble).toBe(false);
});
