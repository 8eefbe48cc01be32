import type { StartFrom } from './config.ts';
import { parseDuration } from './duration.ts';
import { type Format, isNot, scalar } from './format.ts';

const BEGINNING_MS = Date.UTC(2020, 0, 1);
const ACCEPTS = 'a duration, an RFC 3339 instant or `beginning`';
const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:\d\d)$/;

/** Where a stream's history starts: so long ago, or at an instant. */
export const startFrom: Format<StartFrom> = scalar<StartFrom>(ACCEPTS, value => {
  if (typeof value === 'string') {
    if (value === 'beginning') return { value: { text: value, kind: 'instant', atMs: BEGINNING_MS } };
    const ms = parseDuration(value);
    if (ms !== undefined) return { value: { text: value, kind: 'ago', ms } };
    const atMs = parseInstant(value);
    if (atMs !== undefined) return { value: { text: value, kind: 'instant', atMs } };
  }
  return isNot(value, `is not ${ACCEPTS}; write for example 30d or 2026-01-31T00:00:00Z`);
});

/** Unix milliseconds of an RFC 3339 instant; undefined for any other text. */
export function parseInstant(text: string): number | undefined {
  const [, date, time, zone] = INSTANT.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return undefined;
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  const atMs = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  // Date.parse turns February 30 into March 2.
  const exists = !Number.isNaN(midnightMs) && new Date(midnightMs).toISOString().startsWith(date);
  return exists && !Number.isNaN(atMs) ? atMs : undefined;
}
