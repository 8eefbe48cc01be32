import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { FILTERED } from '../../src/query/reading/audit-filters.ts';
import { ask } from '../query/support/asked.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const PAGE = readFileSync(new URL('../../docs/query.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/\n\n([^\n]+):\n\n```sql\n([\s\S]*?)```/g)].map(([, what = '', sql = '']) => ({
  what,
  sql,
}));

describe('the examples of queries', () => {
  let emulator: Emulator;

  beforeAll(() => {
    const clock = createFakeClock({ startMs: Date.parse('2026-11-22T12:00:00Z') });
    emulator = createEmulator({ clock, content: { kind: 'story', seed: 'docs', historyMs: 40 * 86_400_000 } });
  });

  it('are at least eight, and all of the blocks', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(8);
    expect(PAGE.split('```sql').length - 1).toBe(EXAMPLES.length);
  });

  it.each(EXAMPLES)('$what', async ({ sql }) => {
    const { rows, notes } = await ask(emulator, sql);
    expect(rows.length).toBeGreaterThan(0);
    expect(notes).toEqual([]);
    expect(rows.toSorted()).toEqual((await ask(emulator, sql, { pushesDown: false })).rows.toSorted());
  });
});

it.each(FILTERED)('%s is said to be passed on', column => {
  expect(PAGE).toMatch(new RegExp(`\\n\\| [^|]*\`${column}\`[^|]*\\| \`\\w+\\[\\]`));
});
