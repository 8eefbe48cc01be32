import { gaps, type Interval } from '../coverage/intervals.ts';
import type { Feed } from '../pipeline/feed.ts';
import type { Source } from '../pipeline/source.ts';
import type { FeedState } from '../storage/storage.ts';
import type { GapStatus, StreamStatus } from './status.ts';

/** More than a page can show: of more, the newest. */
const MOST_SPANS = 400;
/** The API's time is told in whole seconds. */
const ROUNDING_S = 2;

/** What a stream at work has come to. */
export function streamStatus({ feed, time, clock }: Pick<Source, 'feed' | 'time' | 'clock'>): StreamStatus {
  const { condition, liveAtMs, state } = feed;
  const nowS = time.estimateS();
  const toWallMs = clock.nowMs() - clock.monotonicMs();
  // What became old enough since the last poll is nobody's delay.
  const lagS = liveAtMs === undefined ? 0 : (clock.monotonicMs() - liveAtMs) / 1000 + ROUNDING_S;
  const open = nowS === undefined ? [] : openSpans(feed, feed.settledBefore(nowS - lagS));
  const asides = feed.asides.map(({ from, to, reason, retryAtMs }) => {
    return { from, to, reason, retryAtMs: Math.round(retryAtMs + toWallMs) };
  });
  return {
    ...storedStatus(feed.key.stream, state, gapsOf(open, asides)),
    state: condition?.state ?? 'starting',
    ...(condition?.reason === undefined ? {} : { reason: condition.reason }),
    ...(liveAtMs === undefined || !state.listed ? {} : { lagSeconds: (clock.monotonicMs() - liveAtMs) / 1000 }),
  };
}

/** What of it is kept by the state. */
export function storedStatus(stream: string, state: FeedState | undefined, open: readonly GapStatus[]): StreamStatus {
  return {
    stream,
    state: state?.condition ?? 'starting',
    ...(state === undefined || state.startText === '' ? {} : { startAt: state.startAt }),
    covered: joined(state?.coverage ?? []).slice(-MOST_SPANS),
    gaps: open.slice(-MOST_SPANS),
    gapSeconds: open.reduce((sum, { from, to }) => sum + to - from, 0),
  };
}

/** A stream that never listed an event has nothing to cover. */
function openSpans(feed: Feed, end: number): readonly Interval[] {
  const { listed, coverage, startAt } = feed.state;
  return listed && feed.started ? gaps(coverage, { from: startAt, to: end }) : [];
}

function gapsOf(open: readonly Interval[], asides: readonly GapStatus[]): readonly GapStatus[] {
  const free = open.flatMap(span => gaps([...asides].sort(byTime), span));
  const aside = asides.flatMap(each =>
    open.flatMap(span => {
      const part = { ...each, from: Math.max(each.from, span.from), to: Math.min(each.to, span.to) };
      return part.from < part.to ? [part] : [];
    }),
  );
  return [...free, ...aside].sort(byTime);
}

function byTime(a: Interval, b: Interval): number {
  return a.from - b.from;
}

function joined(spans: readonly Interval[]): readonly Interval[] {
  const found: Interval[] = [];
  for (const { from, to } of spans) {
    const last = found.at(-1);
    if (last?.to === from) found[found.length - 1] = { from: last.from, to };
    else found.push({ from, to });
  }
  return found;
}
