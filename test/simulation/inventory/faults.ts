import type { FaultAt } from './history.ts';

type Befalls = Pick<FaultAt, 'what' | 'times'>;

/** What befalls one request. */
export const ONCE: readonly Befalls[] = [
  ...[403, 404, 429, 500].map(status => ({ what: { kind: 'status', status }, times: 1 }) as const),
  { what: { kind: 'truncated' }, times: 1 },
];

/** What a list itself may say wrong, and errors that outlast the patience with a list, twice. */
export const MORE: readonly Befalls[] = [
  { what: { kind: 'body', body: '{"object":"list","data":[' }, times: 1 },
  { what: { kind: 'empty_page' }, times: 1 },
  { what: { kind: 'no_cursor' }, times: 1 },
  { what: { kind: 'repeated_cursor' }, times: 1 },
  { what: { kind: 'slow', delayMs: 20_000 }, times: 1 },
  { what: { kind: 'moved_items' }, times: 1 },
  { what: { kind: 'moved_items', by: -1 }, times: 1 },
  ...[403, 429, 500].map(status => ({ what: { kind: 'status', status }, times: 12 }) as const),
  { what: { kind: 'reset' }, times: 12 },
  { what: { kind: 'empty_page' }, times: 12 },
];
