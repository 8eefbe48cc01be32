import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/config/duration.ts';
import { parseSize } from '../../src/config/size.ts';
import { startFrom } from '../../src/config/start-from.ts';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['90m', 5_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '1.5h', '-5s', '5 s', '5S', '30m1h', '1w', `${'9'.repeat(20)}d`])('refuses %j', text => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('a size', () => {
  it.each([
    ['2MiB', 2_097_152],
    ['500KB', 500_000],
    ['4096', 4_096],
    ['3 MB', 3_000_000],
    ['16KiB', 16_384],
    ['7B', 7],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'MiB', '1.5MiB', '-1', '2mib', '2GB', '5constructor', '9'.repeat(20)])('refuses %j', text => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('start_from', () => {
  it.each([
    ['30d', { kind: 'ago', ms: 2_592_000_000 }],
    ['beginning', { kind: 'instant', atMs: Date.UTC(2020, 0, 1) }],
    ['2026-01-31T00:00:00Z', { kind: 'instant', atMs: Date.UTC(2026, 0, 31) }],
    ['2026-01-31 02:00:00.5+02:00', { kind: 'instant', atMs: Date.UTC(2026, 0, 31) + 500 }],
    ['2024-02-29t00:00:00z', { kind: 'instant', atMs: Date.UTC(2024, 1, 29) }],
  ])('reads %s and keeps the text', (text, meaning) => {
    expect(startFrom.read(text)).toEqual({ value: { text, ...meaning } });
  });

  it.each([
    '2026-01-31',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T00:00:00',
    'yesterday',
    30,
    '',
  ])('refuses %j', value => {
    expect(startFrom.read(value)).toHaveProperty('faults');
  });
});
