import { expect, it, describe as suite } from 'vitest';
import { describe, judge } from '../../src/demo/verdict.ts';

const listed = new Set(['a', 'b', 'c']);
const received = (...uids: readonly string[]) =>
  new Map([...Map.groupBy(uids, uid => uid)].map(([uid, all]) => [uid, all.length]));

suite('the verdict', () => {
  it('is complete when both ends hold the same ids', () => {
    const verdict = judge(listed, received('c', 'a', 'b'));
    expect(verdict).toEqual({ listed: 3, received: 3, missing: [], doubled: [], foreign: [] });
    expect(describe(verdict)).toContain('verdict: complete: every event that the API lists was received');
  });

  it('names what is missing, and is not complete', () => {
    const verdict = judge(listed, received('b'));
    expect(verdict).toEqual({ listed: 3, received: 1, missing: ['a', 'c'], doubled: [], foreign: [] });
    expect(describe(verdict)).toMatch(/^ {2}missing +2 {2}a, c$/m);
    expect(describe(verdict)).toContain('verdict: INCOMPLETE');
  });

  it('names what came more than once, each time as one', () => {
    const verdict = judge(listed, received('a', 'a', 'a', 'b', 'c', 'c'));
    expect(verdict).toEqual({ listed: 3, received: 3, missing: [], doubled: ['a', 'c'], foreign: [] });
    expect(describe(verdict)).toMatch(/^ {2}doubled +2 {2}a, c$/m);
  });

  it('does not let what the API never listed stand for what it lists', () => {
    const verdict = judge(listed, received('a', 'b', 'x'));
    expect(verdict).toEqual({ listed: 3, received: 3, missing: ['c'], doubled: [], foreign: ['x'] });
    expect(describe(verdict)).toMatch(/^ {2}received, but not listed +1 {2}x$/m);
    expect(describe(verdict)).toContain('verdict: INCOMPLETE');
  });

  it('names some of many and counts all', () => {
    const many = new Set(Array.from({ length: 1_200 }, (_, index) => `id-${index}`));
    expect(describe(judge(many, received()))).toMatch(/^ {2}missing +1,200 {2}id-0, id-1, id-2, id-3, id-4, \.\.\.$/m);
  });
});
