import { expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { Patience } from '../../src/pipeline/patience.ts';

const MINUTE_MS = 60_000;
const failed = (atMs: number) =>
  ({ kind: 'attempt_failed', message: 'gone', attempt: 1, atMs, waitMs: 0, records: 1, unknown: false }) as const;
const acknowledged = (atMs: number) => ({ kind: 'acknowledged', records: 1, tookMs: 1, atMs }) as const;

it('ends at once where a person must act', () => {
  const patience = new Patience();
  patience.hear({ kind: 'held', message: 'wrong path', heldMs: 0 });
  expect(patience.signal.reason).toMatchObject({ exitCode: EXIT.failed });
  expect(String(patience.signal.reason)).toMatch(/wrong path\nNothing is lost/);
});

it('waits ten minutes for a backend that is away, beginning anew whenever it answers', () => {
  const patience = new Patience();
  patience.hear(failed(0));
  patience.hear(failed(9 * MINUTE_MS));
  patience.hear(acknowledged(9 * MINUTE_MS));
  patience.hear(failed(10 * MINUTE_MS));
  patience.hear(failed(19 * MINUTE_MS));
  expect(patience.signal.aborted).toBe(false);
  patience.hear(failed(20 * MINUTE_MS));
  expect(patience.signal.aborted).toBe(true);
});
