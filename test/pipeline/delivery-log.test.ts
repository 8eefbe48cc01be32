import { expect, test } from 'vitest';
import type { DeliveryEvent } from '../../src/exporter/delivery-event.ts';
import { createLogger } from '../../src/log.ts';
import { logDelivery } from '../../src/pipeline/delivery-log.ts';

/** What is said at the level of a normal run, of events at these times. */
function createRig() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const log = createLogger({ level: 'info', format: 'json', clock: { nowMs: () => 0 }, write });
  const onEvent = logDelivery(log);
  let attempt = 0;
  return {
    lines,
    onEvent,
    fails(atMs: number) {
      attempt += 1;
      onEvent({ kind: 'attempt_failed', message: 'away', attempt, atMs, waitMs: 1_500.4, records: 7, unknown: false });
    },
    takes(atMs: number) {
      attempt = 0;
      onEvent({ kind: 'acknowledged', records: 7, tookMs: 3, atMs });
    },
    awayS: () => lines.map(line => line.away_s),
  };
}

test('the first failure says the reason, and that nothing is lost', () => {
  const rig = createRig();
  rig.fails(1_000);

  expect(rig.lines).toEqual([
    {
      time: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      message: 'the backend did not take a batch; it is tried again, nothing is lost',
      code: 'delivery-failed',
      reason: 'away',
      attempt: 1,
      away_s: 0,
      records: 7,
      outcome_unknown: false,
      retry_in_ms: 1_500,
    },
  ]);
});

test('a backend that stays away is said about once a minute, however often it is tried', () => {
  const rig = createRig();
  for (let atMs = 0; atMs <= 180_000; atMs += 5_000) rig.fails(atMs);

  expect(rig.awayS()).toEqual([0, 60, 120, 180]);
});

test('rare attempts are all said', () => {
  const rig = createRig();
  for (const atMs of [0, 70_000, 150_000]) rig.fails(atMs);

  expect(rig.awayS()).toEqual([0, 70, 150]);
});

test('the first batch that is taken again is said once, with how long the backend was away', () => {
  const rig = createRig();
  rig.takes(0);
  expect(rig.lines).toEqual([]);

  rig.fails(10_000);
  rig.fails(40_000);
  rig.takes(95_000);
  rig.takes(96_000);

  expect(rig.lines).toMatchObject([
    { level: 'warn', away_s: 0 },
    { level: 'info', message: 'the backend takes batches again', away_s: 85 },
  ]);
});

test('a second absence is said from its beginning', () => {
  const rig = createRig();
  rig.fails(0);
  rig.takes(5_000);
  rig.fails(20_000);
  rig.takes(30_000);

  expect(rig.lines.map(line => [line.level, line.away_s])).toEqual([
    ['warn', 0],
    ['info', 5],
    ['warn', 0],
    ['info', 10],
  ]);
});

test.each<DeliveryEvent>([
  { kind: 'parked', reason: 'refused', message: 'bad', records: 1 },
  { kind: 'aside', message: 'too old', records: 1 },
])('time without an absence does not count after a batch was $kind', event => {
  const rig = createRig();
  rig.fails(0);
  rig.onEvent(event);
  rig.takes(3_600_000);

  expect(rig.lines.map(line => line.message)).not.toContain('the backend takes batches again');
});
