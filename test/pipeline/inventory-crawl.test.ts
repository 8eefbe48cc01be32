import { expect, it } from 'vitest';
import { MINUTE_MS } from '../support/collecting.ts';
import { crawlLimited } from '../support/limited-crawl.ts';

/** What stays unknown of a limit that no header tells, and has to be learned. */
const MOST_ABOVE = 1.15;

it('reads 100 projects under 10 requests a minute and route in hardly more than the least possible time', async () => {
  const size = { projects: 100, users: 40, groups: 5, membersPerProject: 4 };
  const { tookMs, leastMs, complete, plans, overdue } = await crawlLimited(size, 10 * MINUTE_MS);
  expect(complete).toBe(true);
  expect(tookMs).toBeLessThanOrEqual(leastMs * MOST_ABOVE);
  // The plan is said before, and again when more comes to light: here of what is below each project.
  const last = plans.filter(({ endsMs }) => endsMs <= tookMs * 1.2).at(-1);
  expect(last?.endsMs).toBeGreaterThan(tookMs / 1.2);
  // What is due at each interval is read meanwhile.
  expect(tookMs).toBeGreaterThan(25 * MINUTE_MS);
  expect(overdue).toEqual([]);
}, 300_000);
