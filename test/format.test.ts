import { describe, expect, it } from 'vitest';
import { duration } from '../src/format.ts';

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3_661, '1 h 1 min'],
    [90_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('of %d s reads %s', (seconds, said) => {
    expect(duration(seconds)).toBe(said);
  });
});
