import { expect, it } from 'vitest';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { HeldEvents } from '../../src/pipeline/held-events.ts';

const event = (uid: string, effectiveAt: number, text = JSON.stringify({ id: uid, note: 'line\nend, \u{1f600}' })) => {
  return { uid, type: 't', effectiveAt, timeIsNeighbours: false, text } satisfies ListedEvent;
};

it('gives events back as they came, oldest first', () => {
  const pages = [
    [event('e', 5), event('d', 4, '{"id":"d","deep":{"\\ud800":1}}')],
    [],
    [event('c', 3), event('b', 3), event('a', 1, '{}')],
  ];
  const held = pages.reduce((sum, page) => sum.with(page), new HeldEvents());
  expect(held.count).toBe(5);
  const [e, d] = pages[0] ?? [];
  const [c, b, a] = pages[2] ?? [];
  expect(held.oldestFirst()).toEqual([a, b, c, d, e]);
});

it('gives back only what was chosen', () => {
  const held = new HeldEvents().with([event('c', 3), event('b', 2)]).with([event('a', 1)]);
  const some = held.only(({ effectiveAt }) => effectiveAt > 1);
  expect(some.oldestFirst()).toEqual([event('b', 2), event('c', 3)]);
  expect(some.bytes).toBeLessThan(held.bytes);
});

it('takes far less room than the texts', () => {
  const text = (i: number) =>
    JSON.stringify({ id: `audit_log-${i}`, type: 'login.succeeded', actor: { name: 'x'.repeat(500) } });
  const events = Array.from({ length: 100 }, (_, i) => event(String(i), i, text(i)));
  const characters = events.reduce((sum, each) => sum + each.text.length, 0);
  expect(new HeldEvents().with(events).bytes).toBeLessThan(characters / 5);
});
