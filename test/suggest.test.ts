import { describe, expect, it } from 'vitest';
import { closest } from '../src/suggest.ts';

const WORDS = ['admin_key', 'audit_logs', 'base_url', 'name', 'id'];

describe('a suggestion', () => {
  it.each([
    ['admn_key', 'admin_key'],
    ['adminKey', 'admin_key'],
    ['admin-key', 'admin_key'],
    ['ADMIN_KEY', 'admin_key'],
    ['auditlog', 'audit_logs'],
    ['nmae', 'name'],
    ['di', 'id'],
  ])('takes %s for a slip of %s', (word, meant) => {
    expect(closest(word, WORDS)).toBe(meant);
  });

  it('goes no further than it may', () => {
    expect(closest('auditlog', WORDS, 1)).toBeUndefined();
  });

  it.each(['health', 'xyz', '', 'a'.repeat(100_000)])('is not made for a word unlike any', word => {
    expect(closest(word, WORDS)).toBeUndefined();
  });
});
