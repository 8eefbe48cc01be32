import { describe, expect, it } from 'vitest';
import type { ApiTime } from '../../src/api/api-time.ts';
import { CollectorError } from '../../src/errors.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { readable, troubled } from '../../src/pipeline/feed-condition.ts';
import type { Source } from '../../src/pipeline/source.ts';
import type { FeedKey } from '../../src/storage/storage.ts';
import { AUDIT_LOGS } from '../support/audit-logs.ts';

const NOW_S = 1_000_000;
const config = { ...AUDIT_LOGS, settleMs: 300_000 };

function sourceOf(stream: FeedKey['stream'], listed: boolean, coveredTo?: number, paceMs?: number): Source {
  const feed = new Feed({ organization: 'acme', stream }, config, undefined);
  feed.start(NOW_S);
  if (listed) feed.sawEvents();
  if (coveredTo !== undefined) feed.cover({ from: 0, to: coveredTo }, NOW_S);
  const time = { estimateS: () => NOW_S } as Partial<ApiTime> as ApiTime;
  return { feed, time, livePaceMs: () => paceMs } as Partial<Source> as Source;
}

const failure = (kind: CollectorError['kind'], status?: number) =>
  new CollectorError(kind, 'said so', status === undefined ? {} : { status });

describe('the condition of a stream', () => {
  it('is empty until it has listed an event, then behind until its gaps are young', () => {
    expect(readable(sourceOf('tenant', false))).toEqual({ state: 'empty' });
    expect(readable(sourceOf('tenant', true))).toEqual({ state: 'behind', behindS: NOW_S });
    expect(readable(sourceOf('tenant', true, NOW_S - 7200))).toEqual({ state: 'behind', behindS: 7200 });
    expect(readable(sourceOf('tenant', true, NOW_S - 600))).toEqual({ state: 'live' });
    expect(readable(sourceOf('tenant', true, NOW_S))).toEqual({ state: 'live' });
  });

  it('is limited while the API leaves its polls far less than they should have', () => {
    const reason = 'the API allows a poll every 60 s beside the rest, not every 30 s';
    expect(readable(sourceOf('tenant', true, NOW_S, 60_000))).toEqual({ state: 'limited', reason });
    const wavering = sourceOf('tenant', true, NOW_S, 40_000);
    expect(readable(wavering).state).toBe('live');
    wavering.feed.becomes({ state: 'limited' }, 0);
    expect(readable(wavering).state).toBe('limited');
    expect(readable({ ...wavering, livePaceMs: () => 29_000 }).state).toBe('live');
  });

  it.each<[string, CollectorError, number, FeedKey['stream'], boolean, string | undefined]>([
    ['a refused key', failure('misconfigured', 401), 1, 'organization', true, 'unauthorized'],
    ['no such listing, when it never listed', failure('misconfigured', 404), 1, 'tenant', false, 'not_available'],
    ['no such listing, when it did', failure('misconfigured', 404), 1, 'tenant', true, 'unauthorized'],
    ['a 500 once', failure('retryable', 500), 1, 'organization', true, undefined],
    ['a 500 again and again', failure('retryable', 500), 3, 'organization', true, 'failing'],
    ['a 429 again and again', failure('retryable', 429), 3, 'organization', true, 'limited'],
  ])('follows from %s', (_name, trouble, failures, stream, listed, state) => {
    const condition = troubled(sourceOf(stream, listed), trouble, failures);
    expect(condition).toEqual(state === undefined ? undefined : { state, reason: 'said so' });
  });
});
