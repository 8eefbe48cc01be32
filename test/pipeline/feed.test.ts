import { describe, expect, it } from 'vitest';
import { Feed } from '../../src/pipeline/feed.ts';
import { AUDIT_LOGS } from '../support/audit-logs.ts';

const NOW_S = 1_000_000;

function covered(): Feed {
  const feed = new Feed({ organization: 'acme', stream: 'organization' }, AUDIT_LOGS, undefined);
  feed.start(NOW_S);
  feed.sawEvents();
  feed.cover({ from: 0, to: NOW_S }, NOW_S);
  return feed;
}

describe('what is set aside', () => {
  const aside = { from: 100, to: 200, reason: 'too old', retryAtMs: 60_000 };

  it('is open, and no gap before its time has come', () => {
    const feed = covered();
    feed.setAside(aside);
    expect(feed.gaps(NOW_S, 0)).toEqual([]);
    expect(feed.gaps(NOW_S, 60_000)).toEqual([{ from: 100, to: 200 }]);
  });

  it('stays covered where ids are forgotten: what is known there would be sent again', () => {
    const feed = covered();
    feed.forgetBefore(150);
    feed.setAside(aside);
    expect(feed.gaps(NOW_S, 60_000)).toEqual([{ from: 150, to: 200 }]);
    feed.forgetBefore(300);
    feed.setAside({ ...aside, to: 250 });
    expect(feed.isForgotten(120)).toBe(true);
  });
});
