import { expect, it } from 'vitest';
import { HOUR_MS } from '../../support/collecting.ts';
import { crawlLimited } from '../../support/limited-crawl.ts';

it('100 projects, 1,000 users and 50 groups are read in the time that ten requests a minute and route allow', async () => {
  const size = { projects: 100, users: 1_000, groups: 50, membersPerProject: 20 };
  const { tookMs, leastMs, complete, overdue } = await crawlLimited(size, HOUR_MS);
  process.stdout.write(`inventory: ${minutes(tookMs)}, of which ${minutes(leastMs)} are the least possible\n`);
  expect(complete).toBe(true);
  expect(tookMs).toBeLessThanOrEqual(leastMs * 1.15);
  expect(overdue).toEqual([]);
});

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
