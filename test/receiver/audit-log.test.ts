import { describe, expect, it } from 'vitest';
import type { AuditLogPage, ListedEvent } from '../../src/api/audit-log.ts';
import { CollectorError } from '../../src/errors.ts';
import { createAuditLogReceiver, newTrust, type ReadPage, type Trust } from '../../src/receiver/audit-log.ts';
import type { Asked, Receiver, WalkPage } from '../../src/receiver/receiver.ts';

type Query = Parameters<ReadPage>[0];

const signal = new AbortController().signal;

function event(uid: string, effectiveAt: number, type = 'login.succeeded'): ListedEvent {
  return { uid, type, effectiveAt, timeIsNeighbours: false, text: JSON.stringify({ id: uid }) };
}

function page(events: readonly ListedEvent[], hasMore: boolean, lastId = events.at(-1)?.uid): AuditLogPage {
  return { events, extra: [], hasMore, lastId: hasMore ? lastId : undefined };
}

/** An API that lists `events` newest first, `size` a page, by cursors and times as the real one does. */
function api(events: readonly ListedEvent[], size: number): ReadPage & { queries: Query[] } {
  const queries: Query[] = [];
  const read = async (query: Query) => {
    queries.push(query);
    const { gte = 0, lte = Number.POSITIVE_INFINITY, after, limit } = query;
    const asked = events.filter(e => e.effectiveAt >= gte && e.effectiveAt <= lte);
    const start = after === undefined ? 0 : asked.findIndex(e => e.uid === after) + 1;
    const listed = asked.slice(start, start + Math.min(size, limit));
    return page(listed, start + listed.length < asked.length);
  };
  return Object.assign(read, { queries });
}

async function walk(readPage: ReadPage, asked: Asked = {}, trust = believing()): Promise<readonly WalkPage[]> {
  const pages: WalkPage[] = [];
  for await (const each of createAuditLogReceiver(readPage, trust).walk(asked, signal)) pages.push(each);
  return pages;
}

/** Trust in the order that was earned before. */
function believing(): Trust {
  const trust = newTrust();
  for (let second = 100; second > 0; second--) trust.order.observe(second, second - 1);
  return trust;
}

async function walkAll(receiver: Receiver): Promise<readonly WalkPage[]> {
  const pages: WalkPage[] = [];
  for await (const each of receiver.walk({}, signal)) pages.push(each);
  return pages;
}

const uids = (pages: readonly WalkPage[]) => pages.flatMap(each => each.events.map(e => e.uid));
const descending = (count: number, perSecond = 1) =>
  Array.from({ length: count }, (_, i) => event(`e${i}`, 10_000 - Math.floor(i / perSecond)));

describe('a walk', () => {
  it('reads every page and says when it ended', async () => {
    const pages = await walk(api(descending(25), 10));
    expect(uids(pages)).toEqual(descending(25).map(e => e.uid));
    expect(pages.map(each => each.ended)).toEqual([false, false, true]);
    expect(pages.map(each => each.oldest)).toEqual([9991, 9981, 9976]);
    expect(pages.every(each => each.descending)).toBe(true);
  });

  it('ends with one empty page where nothing is listed', async () => {
    const pages = await walk(api([], 10));
    expect(pages).toEqual([{ events: [], oldest: undefined, descending: true, ended: true }]);
  });

  it('does not believe the order of a few events', async () => {
    const pages = await walk(api(descending(4), 2), {}, newTrust());
    expect(pages.map(each => each.descending)).toEqual([false, false]);
    const [first] = await walk(api(descending(60), 50), {}, newTrust());
    expect(first?.descending).toBe(true);
  });

  it('never believes an order again that was broken once', async () => {
    const trust = believing();
    await walk(api([event('a', 10), event('b', 12)], 10), {}, trust);
    expect((await walk(api(descending(60), 50), {}, trust)).map(each => each.descending)).toEqual([false, false]);
  });

  it('goes on by time when the API refuses the cursor that it gave', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const refusing: ReadPage = async (query, s) => {
      if (query.after !== undefined) throw new CollectorError('rejected', 'no such event', { status: 400 });
      return good(query, s);
    };
    expect(uids(await walk(refusing))).toEqual(events.map(e => e.uid));
  });

  it('says that a list is not descending', async () => {
    const events = [event('a', 10), event('b', 12), event('c', 9)];
    const pages = await walk(api(events, 2));
    expect(pages.map(each => each.descending)).toEqual([false, false]);
    expect(uids(pages)).toEqual(['a', 'b', 'c']);
  });

  it('goes on by time after a cursor that comes again', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const stuck: ReadPage = async (query, s) => ({ ...(await good(query, s)), lastId: 'e9' });
    expect(uids(await walk(stuck))).toEqual(events.map(e => e.uid));
  });

  it('goes on by time when more follows but no cursor is given', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const blind: ReadPage = async (query, s) => ({ ...(await good(query, s)), lastId: undefined });
    expect(uids(await walk(blind))).toEqual(events.map(e => e.uid));
  });

  it('goes on by time after an empty page that says more follows', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const gap: ReadPage = (query, s) =>
      query.after === undefined ? good(query, s) : Promise.resolve(page([], true, 'x'));
    expect(uids(await walk(gap))).toEqual(events.map(e => e.uid));
  });

  it('goes on by time after an empty page that says nothing follows, though the one before said so', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const forgetful: ReadPage = (query, s) =>
      query.after === 'e9' ? Promise.resolve(page([], false, 'x')) : good(query, s);
    expect(uids(await walk(forgetful))).toEqual(events.map(e => e.uid));
  });

  it('goes on by time after a page with only events of this walk', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const again: ReadPage = (query, s) => good(query.after === 'e9' ? { ...query, after: undefined } : query, s);
    expect(uids(await walk(again))).toEqual(events.map(e => e.uid));
  });

  it('fails instead of ending when it cannot go on by time either', async () => {
    const dense = Array.from({ length: 30 }, (_, i) => event(`e${i}`, 1000));
    const good = api(dense, 10);
    const blind: ReadPage = async (query, s) => ({ ...(await good(query, s)), lastId: undefined });
    await expect(walk(blind)).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('fails instead of skipping when a broken cursor meets a list that is not descending', async () => {
    const shuffled = [event('a', 10), event('b', 30), event('c', 20)];
    const good = api(shuffled, 2);
    const blind: ReadPage = async (query, s) => ({ ...(await good(query, s)), lastId: undefined });
    await expect(walk(blind)).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('refuses an event outside the span that was asked', async () => {
    const careless: ReadPage = async () => page([event('a', 500)], false);
    await expect(walk(careless, { gte: 600, lte: 700 })).rejects.toMatchObject({ kind: 'malformed' });
    await expect(walk(careless, { gte: 500, lte: 500 })).resolves.toHaveLength(1);
  });

  it('keeps what a second document in the body held, without trusting its order', async () => {
    const doubled: ReadPage = async () => ({
      ...page([event('a', 10)], false),
      extra: [event('z', 99), event('a', 10)],
    });
    const pages = await walk(doubled);
    expect(uids(pages)).toEqual(['a', 'z']);
    expect(pages[0]).toMatchObject({ descending: true, oldest: 10, ended: true });
  });

  it('follows the cursor into what a second document showed before', async () => {
    const events = descending(30);
    const good = api(events, 10);
    const doubled: ReadPage = async (query, s) => {
      const first = await good(query, s);
      const next = await good({ ...query, after: first.lastId }, s);
      return { ...first, extra: first.hasMore ? next.events : [] };
    };
    const pages = await walk(doubled);
    expect(uids(pages)).toEqual(events.map(e => e.uid));
    expect(pages.at(-1)).toMatchObject({ ended: true, descending: true, oldest: 9971 });
  });

  it('keeps an id that comes with two types as two events', async () => {
    const pages = await walk(api([event('a', 10, 'user.added'), event('a', 10, 'user.deleted')], 10));
    expect(uids(pages)).toEqual(['a', 'a']);
  });
});

describe('a page that fails again and again', () => {
  it('is asked for in halves, down to the event that breaks it', async () => {
    const events = descending(200);
    const good = api(events, 100);
    const breaking: ReadPage = async (query, s) => {
      const read = await good(query, s);
      if (read.events.some(e => e.uid === 'e30')) throw new CollectorError('malformed', 'cut off');
      return read;
    };
    const receiver = createAuditLogReceiver(breaking, newTrust());
    const seen: ListedEvent[] = [];
    for (let attempt = 0; attempt < 40; attempt++) {
      const lte = seen.at(-1)?.effectiveAt;
      try {
        for await (const { events } of receiver.walk(lte === undefined ? {} : { lte: lte - 1 }, signal))
          seen.push(...events);
      } catch {
        // What came before stays proved, and the next walk goes on below it.
      }
    }
    expect(seen.map(e => e.uid)).toEqual(events.slice(0, 30).map(e => e.uid));
  });

  it('is asked for whole again once the API has recovered', async () => {
    const good = api(descending(500), 100);
    const limits: number[] = [];
    let down = true;
    const failing: ReadPage = async (query, s) => {
      limits.push(query.limit);
      if (down) throw new CollectorError('retryable', 'bad gateway', { status: 502 });
      return good(query, s);
    };
    const receiver = createAuditLogReceiver(failing, newTrust());
    for (let attempt = 0; attempt < 8; attempt++) {
      await expect(receiver.walk({}, signal)[Symbol.asyncIterator]().next()).rejects.toThrow();
    }
    down = false;
    const [first = 100, ...later] = (await walkAll(receiver)).map(() => limits.splice(8, 1)[0]);
    expect(first).toBeLessThan(10);
    expect(new Set(later)).toEqual(new Set([100]));
  });
});

describe('page boundaries', () => {
  /** A cursor that is a time in disguise: it skips whatever else shares the second. */
  function timeCursor(events: readonly ListedEvent[], size: number): ReadPage {
    const good = api(events, size);
    return async ({ after, ...query }, s) => {
      const at = events.find(e => e.uid === after)?.effectiveAt;
      return good(at === undefined ? query : { ...query, lte: at - 1 }, s);
    };
  }

  it('lose nothing when a cursor skips the rest of its second', async () => {
    const events = descending(60, 4);
    expect(uids(await walk(timeCursor(events, 10))).toSorted()).toEqual(events.map(e => e.uid).toSorted());
  });

  it('are no longer read alone once the cursor held often enough', async () => {
    const trust = believing();
    const events = descending(2000);
    const first = api(events, 10);
    await walk(first, {}, trust);
    const second = api(events, 10);
    await walk(second, {}, trust);
    expect(first.queries.length).toBeGreaterThan(215);
    expect(second.queries.length).toBeLessThan(210);
  });

  it('are read alone for ever after a cursor failed once', async () => {
    const trust = believing();
    await walk(timeCursor(descending(60, 4), 10), {}, trust);
    const later = api(descending(1000), 10);
    await walk(later, {}, trust);
    expect(later.queries.length).toBeGreaterThanOrEqual(199);
  });
});

it('learns that both ends of what is asked for are listed', async () => {
  const receiver = createAuditLogReceiver(api(descending(10), 50), newTrust());
  const read = async (asked: Asked) => {
    for await (const _ of receiver.walk(asked, signal));
    return receiver.boundsHold();
  };
  expect(await read({ gte: 9_000, lte: 11_000 })).toBe(false);
  expect(await read({ gte: 9_995, lte: 11_000 })).toBe(false);
  expect(await read({ gte: 9_000, lte: 9_998 })).toBe(true);
});
