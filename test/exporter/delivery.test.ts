import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/exporter/delivery.ts';
import type { DeliveryEvent } from '../../src/exporter/delivery-event.ts';
import type { Exporter, Outcome, Verdict } from '../../src/exporter/exporter.ts';
import type { LogRecord } from '../../src/record.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { logRecord, logRecords } from '../support/log-record.ts';

const NEVER = new AbortController().signal;
const ACK: Outcome = { kind: 'acknowledged' };
const REFUSED: Outcome = { kind: 'refused', status: 400, message: 'bad' };
const HELD: Outcome = { kind: 'misconfigured', message: 'answered 401' };
const TOO_OLD: Outcome = { kind: 'too_old', message: 'timestamp too old' };
const down = (changes: Partial<Extract<Outcome, { kind: 'retryable' }>> = {}): Outcome => ({
  kind: 'retryable',
  message: 'down',
  unknown: false,
  timedOut: false,
  ...changes,
});

interface Sent {
  readonly uids: readonly string[];
  readonly timeoutMs: number;
  readonly atMs: number;
}

/** A delivery to an exporter that is a function of the uids sent, on time that passes by itself. */
function createRig(
  answer: (uids: readonly string[], index: number, records: readonly LogRecord[]) => Outcome,
  options: { maxRecords?: number; maxBytes?: number; sizeOf?: (record: LogRecord) => number; tookMs?: number } = {},
) {
  const clock = createFakeClock({ startMs: 0, auto: true });
  const sent: Sent[] = [];
  const events: DeliveryEvent[] = [];
  const exporter: Exporter = {
    async export(records, { timeoutMs, signal }) {
      signal.throwIfAborted();
      const uids = records.map(record => String(record.attributes['log.record.uid']));
      sent.push({ uids, timeoutMs, atMs: clock.monotonicMs() });
      const outcome = answer(uids, sent.length - 1, records);
      if (outcome.kind === 'retryable' && outcome.timedOut) await clock.sleep(timeoutMs, signal);
      else if (options.tookMs) await clock.sleep(options.tookMs, signal);
      return outcome;
    },
    async shutdown() {},
  };
  const delivery = createDelivery(exporter, {
    clock,
    random: () => 0.5,
    timeoutMs: 10_000,
    onEvent: event => void events.push(event),
    limits: { maxRecords: options.maxRecords ?? 100, maxBytes: options.maxBytes ?? 1_000_000 },
    sizeOf: options.sizeOf ?? (() => 1000),
  });
  const kinds = () => events.map(event => event.kind);
  return { clock, sent, events, kinds, delivery, deliver: (records: LogRecord[]) => delivery.deliver(records, NEVER) };
}

const fates = (verdicts: readonly Verdict[]) => verdicts.map(verdict => verdict.fate);
const isProbe = (uids: readonly string[]) => uids[0]?.startsWith('probe/') === true;

test('an accepted batch is acknowledged with one request', async () => {
  const rig = createRig(() => ACK);

  expect(await rig.deliver(logRecords(3))).toEqual([ACK, ACK, ACK].map(() => ({ fate: 'acknowledged' })));
  expect(rig.sent).toHaveLength(1);
  expect(rig.kinds()).toEqual(['acknowledged']);
});

test('nothing to deliver sends nothing', async () => {
  const rig = createRig(() => ACK);

  expect(await rig.deliver([])).toEqual([]);
  expect(rig.sent).toEqual([]);
});

test('batches are cut by records and bytes, in order; one record over the limit goes alone', async () => {
  const sizes: Record<string, number> = { r0: 10, r1: 60, r2: 40, r3: 500, r4: 1, r5: 1, r6: 1, r7: 1 };
  const rig = createRig(() => ACK, {
    maxRecords: 3,
    maxBytes: 100,
    sizeOf: record => sizes[String(record.attributes['log.record.uid'])] ?? 0,
  });

  await rig.deliver(logRecords(8));

  expect(rig.sent.map(({ uids }) => uids)).toEqual([['r0', 'r1'], ['r2'], ['r3'], ['r4', 'r5', 'r6'], ['r7']]);
});

describe('partial success', () => {
  test('parks the whole batch as unknown and is never sent again', async () => {
    const rig = createRig(() => ({ kind: 'partial', rejected: 2, message: 'quota' }));

    const verdicts = await rig.deliver(logRecords(5));

    const message = 'unknown: 2 of 5: quota';
    expect(verdicts).toEqual(
      Array.from({ length: 5 }, () => ({ fate: 'parked', reason: 'partial_success', message, certain: false })),
    );
    expect(rig.sent).toHaveLength(1);
    expect(rig.events).toEqual([{ kind: 'parked', reason: 'partial_success', message, records: 5 }]);
  });
});

describe('a refused record', () => {
  test('is found by halving, parked after a probe passed, and the others are delivered in order', async () => {
    const rig = createRig(uids => (uids.includes('r13') ? REFUSED : ACK));

    const verdicts = await rig.deliver(logRecords(100));

    expect(verdicts[13]).toEqual({ fate: 'parked', reason: 'refused', message: 'bad', certain: true });
    expect(fates(verdicts).filter(fate => fate === 'acknowledged')).toHaveLength(99);
    const accepted = rig.sent.filter(({ uids }) => !uids.includes('r13') && !isProbe(uids)).flatMap(({ uids }) => uids);
    expect(accepted).toEqual(
      logRecords(100)
        .map((_, index) => `r${index}`)
        .filter(uid => uid !== 'r13'),
    );
    expect(rig.sent.filter(({ uids }) => isProbe(uids))).toHaveLength(1);
    expect(rig.sent.length).toBeLessThan(20);
    expect(rig.clock.slept).toEqual([]);
  });

  test('is asked about by a probe of the same time and source', async () => {
    const probes: LogRecord[] = [];
    const rig = createRig((uids, _index, records) => {
      if (!isProbe(uids)) return REFUSED;
      probes.push(...records);
      return ACK;
    });
    const record = logRecord('bad', { timestamp: 123 });

    await rig.deliver([record]);

    expect(probes).toMatchObject([
      {
        eventName: 'openai.collector.probe',
        timestamp: 123,
        resource: { ...record.resource, 'service.instance.id': 'acme/organization/live/probe' },
      },
    ]);
  });

  test('holds and parks nothing while a probe is refused too, and goes on once the way is repaired', async () => {
    let repairedAtMs = Number.POSITIVE_INFINITY;
    const rig = createRig(() => (rig.clock.monotonicMs() < repairedAtMs ? REFUSED : ACK));
    repairedAtMs = 3_600_000;

    const verdicts = await rig.deliver(logRecords(8));

    expect(fates(verdicts)).toEqual(Array.from({ length: 8 }, () => 'acknowledged'));
    expect(rig.kinds()).not.toContain('parked');
    expect(rig.kinds().filter(kind => kind === 'released')).toHaveLength(1);
  });

  test('waits for the probe when that has no answer yet', async () => {
    let probes = 0;
    const rig = createRig(uids => {
      if (!isProbe(uids)) return REFUSED;
      probes += 1;
      return probes < 4 ? down({ status: 503 }) : ACK;
    });

    expect(fates(await rig.deliver([logRecord('bad')]))).toEqual(['parked']);
    expect(rig.sent.filter(({ uids }) => !isProbe(uids))).toHaveLength(2);
  });

  test('is not at fault when the way was repaired between it and the probe', async () => {
    const rig = createRig((_uids, index) => (index === 0 ? REFUSED : ACK));

    expect(fates(await rig.deliver([logRecord('good')]))).toEqual(['acknowledged']);
    expect(rig.sent.map(({ uids }) => uids[0])).toEqual(['good', 'probe/good', 'good']);
  });

  test('is parked only when it is refused again after a probe passed', async () => {
    const answers = [REFUSED, ACK, HELD, REFUSED, ACK, down({ status: 503 }), ACK, REFUSED];
    const rig = createRig((_uids, index) => answers[index] ?? ACK);

    expect(fates(await rig.deliver([logRecord('bad')]))).toEqual(['parked']);
    expect(rig.sent).toHaveLength(answers.length);
  });

  property.prop([fc.uniqueArray(fc.integer({ min: 0, max: 39 }))], { numRuns: 30 })(
    'is parked, and only it, wherever it stands',
    async bad => {
      const isBad = (uid: string) => bad.includes(Number(uid.slice(1)));
      const rig = createRig(uids => (!isProbe(uids) && uids.some(isBad) ? REFUSED : ACK), { maxRecords: 16 });

      const verdicts = await rig.deliver(logRecords(40));

      expect(fates(verdicts)).toEqual(verdicts.map((_, index) => (bad.includes(index) ? 'parked' : 'acknowledged')));
    },
  );
});

describe('too old', () => {
  const olderThan = (timestamp: number) => (_uids: readonly string[], _index: number, records: readonly LogRecord[]) =>
    records.some(record => record.timestamp < timestamp) ? TOO_OLD : ACK;

  test.each([
    ['close together', 1],
    ['days apart', 86_400],
  ])('sets aside exactly the records concerned, %s', async (_name, stepSeconds) => {
    const records = Array.from({ length: 20 }, (_, index) =>
      logRecord(`r${index}`, { timestamp: 1000 + index * stepSeconds }),
    );
    const rig = createRig(olderThan(1000 + 7 * stepSeconds));

    const verdicts = await rig.deliver(records);

    expect(fates(verdicts)).toEqual(records.map((_, index) => (index < 7 ? 'aside' : 'acknowledged')));
    expect(verdicts[0]).toEqual({ fate: 'aside', message: 'timestamp too old' });
    const acknowledged = rig.events.flatMap(event => (event.kind === 'acknowledged' ? [event.records] : []));
    expect(acknowledged.reduce((sum, count) => sum + count, 0)).toBe(13);
    expect(rig.clock.slept).toEqual([]);
  });

  test('a whole batch close together costs two requests', async () => {
    const rig = createRig(() => TOO_OLD);

    expect(fates(await rig.deliver(logRecords(100))).every(fate => fate === 'aside')).toBe(true);
    expect(rig.sent).toHaveLength(2);
  });

  test('records days apart are sent in order', async () => {
    const records = Array.from({ length: 8 }, (_, index) => logRecord(`r${index}`, { timestamp: index * 86_400 }));
    const rig = createRig(olderThan(3 * 86_400));
    await rig.deliver(records);

    const acknowledged = rig.sent.filter(({ uids }) => uids.every(uid => Number(uid.slice(1)) >= 3));
    expect(acknowledged.flatMap(({ uids }) => uids)).toEqual(['r3', 'r4', 'r5', 'r6', 'r7']);
  });
});

test('a record from the future waits alone, and holds up none that is older', async () => {
  const TOO_NEW: Outcome = { kind: 'too_new', message: 'timestamp too new' };
  const rig = createRig((_uids, _index, records) =>
    records.some(({ timestamp }) => timestamp > 5_000) ? TOO_NEW : ACK,
  );
  const records = Array.from({ length: 20 }, (_, i) => logRecord(`r${i}`, { timestamp: i === 7 ? 9_000 : 1_000 + i }));
  const verdicts = await rig.deliver(records);
  expect(fates(verdicts)).toEqual(records.map((_, i) => (i === 7 ? 'aside' : 'acknowledged')));
  expect(rig.clock.slept).toEqual([]);
});

describe('a hold', () => {
  test('keeps the batch whole, retries slowly, and is said on change and every ten minutes only', async () => {
    const rig = createRig(() => {
      const atMs = rig.clock.monotonicMs();
      if (atMs < 1_800_000) return { kind: 'misconfigured', message: `answered 401 at ${atMs}` };
      return atMs < 2_000_000 ? { kind: 'misconfigured', message: 'answered 403' } : ACK;
    });

    const verdicts = await rig.deliver(logRecords(4));

    expect(fates(verdicts)).toEqual(['acknowledged', 'acknowledged', 'acknowledged', 'acknowledged']);
    expect(rig.sent.every(({ uids }) => uids.length === 4)).toBe(true);
    expect(rig.sent.length).toBeLessThan(60);
    const held = rig.events.filter(event => event.kind === 'held').map(event => event.message);
    expect(held.map(message => message.slice(0, 12))).toEqual([
      'answered 401',
      'answered 401',
      'answered 401',
      'answered 403',
    ]);
    expect(rig.kinds().slice(-2)).toEqual(['released', 'acknowledged']);
  });

  test('is over when the backend only fails for a while', async () => {
    const rig = createRig((_uids, index) => [HELD, down(), ACK][index] ?? ACK);
    await rig.deliver(logRecords(1));

    expect(rig.kinds()).toEqual(['held', 'released', 'attempt_failed', 'acknowledged']);
  });
});

describe('a failure', () => {
  test('is retried for ever, with a capped back-off', async () => {
    const rig = createRig((_uids, index) => (index < 500 ? down() : ACK));

    expect(fates(await rig.deliver(logRecords(3)))).toEqual(['acknowledged', 'acknowledged', 'acknowledged']);
    expect(rig.sent).toHaveLength(501);
    expect(rig.sent.every(({ uids }) => uids.length === 3)).toBe(true);
    expect(rig.clock.slept.slice(0, 6)).toEqual([750, 1500, 3000, 6000, 12_000, 22_500]);
    expect(Math.max(...rig.clock.slept)).toBe(22_500);
  });

  test('waits at least as long as the backend asks, but no longer than an hour', async () => {
    const waits = [45_000, 1e12];
    const rig = createRig((_uids, index) => {
      const retryAfterMs = waits[index];
      return retryAfterMs === undefined ? ACK : down({ status: 429, retryAfterMs });
    });
    await rig.deliver(logRecords(2));

    expect(rig.clock.slept).toEqual([45_000, 3_600_000]);
  });

  test('tells its message, count and whether the outcome is unknown', async () => {
    const rig = createRig((_uids, index) => (index === 0 ? down({ unknown: true }) : ACK));
    await rig.deliver(logRecords(2));

    expect(rig.events[0]).toEqual({
      kind: 'attempt_failed',
      message: 'down',
      attempt: 1,
      atMs: 0,
      waitMs: 750,
      records: 2,
      unknown: true,
    });
  });
});

describe('429, 500 and 503 again and again', () => {
  test.each([429, 500, 503])('for a batch that is too large (%i): it is halved until it fits', async status => {
    const rig = createRig(uids => (uids.length > 20 ? down({ status }) : ACK));

    expect(fates(await rig.deliver(logRecords(100))).every(fate => fate === 'acknowledged')).toBe(true);
    const accepted = rig.sent.filter(({ uids }) => uids.length <= 20).flatMap(({ uids }) => uids);
    expect(accepted).toEqual(logRecords(100).map((_, index) => `r${index}`));
  });

  test('other failures do not halve', async () => {
    const rig = createRig((_uids, index) => (index < 20 ? down({ status: 502 }) : ACK));
    await rig.deliver(logRecords(10));

    expect(rig.sent.every(({ uids }) => uids.length === 10)).toBe(true);
  });

  test('for one record while probes pass: it is parked after 5 times over 10 minutes', async () => {
    const rig = createRig(uids => (uids.includes('r2') ? down({ status: 503, message: 'too large' }) : ACK));

    const verdicts = await rig.deliver(logRecords(4));

    expect(fates(verdicts)).toEqual(['acknowledged', 'acknowledged', 'parked', 'acknowledged']);
    expect(verdicts[2]).toMatchObject({ reason: 'undeliverable', message: 'too large', certain: true });
    const alone = rig.sent.filter(({ uids }) => uids.length === 1 && uids[0] === 'r2');
    expect(alone).toHaveLength(5);
    expect((alone.at(-1)?.atMs ?? 0) + 150_000 - (alone[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(600_000);
    expect(rig.sent.filter(({ uids }) => isProbe(uids))).toHaveLength(5);
  });

  test('for everything: nothing is parked, however long', async () => {
    const rig = createRig(() => (rig.clock.monotonicMs() < 7 * 86_400_000 ? down({ status: 503 }) : ACK));

    expect(fates(await rig.deliver(logRecords(10))).every(fate => fate === 'acknowledged')).toBe(true);
    expect(rig.kinds()).not.toContain('parked');
  });

  test('a probe that fails once starts the count anew', async () => {
    let probes = 0;
    const rig = createRig(uids => {
      if (!isProbe(uids)) return down({ status: 503 });
      probes += 1;
      return probes === 4 ? down({ status: 503 }) : ACK;
    });

    expect(fates(await rig.deliver([logRecord('r')]))).toEqual(['parked']);
    expect(probes).toBe(9);
  });
});

describe('a timed-out attempt', () => {
  test('doubles the next timeout up to 5 minutes and halves the batch', async () => {
    const rig = createRig((_uids, index) => (index < 7 ? down({ timedOut: true, unknown: true }) : ACK));

    expect(fates(await rig.deliver(logRecords(16))).every(fate => fate === 'acknowledged')).toBe(true);
    expect(rig.sent.slice(0, 8).map(({ uids, timeoutMs }) => [uids.length, timeoutMs / 1000])).toEqual([
      [16, 10],
      [8, 20],
      [4, 40],
      [2, 80],
      [1, 160],
      [1, 300],
      [1, 300],
      [1, 300],
    ]);
  });

  test('leaves the next batch the longer timeout while the backend stays slow', async () => {
    const rig = createRig((_uids, index) => (index === 0 ? down({ timedOut: true, unknown: true }) : ACK), {
      tookMs: 8000,
    });
    await rig.deliver(logRecords(2));
    await rig.deliver(logRecords(2));

    expect(rig.sent.at(-1)?.timeoutMs).toBe(20_000);
  });

  test('is forgotten once the backend is quick again', async () => {
    const rig = createRig((_uids, index) => (index === 0 ? down({ timedOut: true, unknown: true }) : ACK), {
      tookMs: 100,
    });
    await rig.deliver(logRecords(1));
    await rig.deliver(logRecords(1));

    expect(rig.sent.at(-1)?.timeoutMs).toBe(10_000);
  });

  test('that never had a connection changes nothing', async () => {
    const rig = createRig((_uids, index) => (index < 3 ? down({ timedOut: true }) : ACK));
    await rig.deliver(logRecords(4));

    expect(rig.sent.map(({ uids, timeoutMs }) => [uids.length, timeoutMs])).toEqual(
      Array.from({ length: 4 }, () => [4, 10_000]),
    );
  });
});

describe('an abort', () => {
  test.each([
    ['a back-off', down()],
    ['a hold', HELD],
  ])('during %s rejects with its reason', async (_name, outcome) => {
    const controller = new AbortController();
    const rig = createRig((_uids, index) => {
      if (index === 3) setImmediate(() => controller.abort(new Error('stopping')));
      return outcome;
    });

    await expect(rig.delivery.deliver(logRecords(2), controller.signal)).rejects.toThrow('stopping');
  });

  test('beforehand sends nothing', async () => {
    const rig = createRig(() => ACK);

    await expect(rig.delivery.deliver(logRecords(2), AbortSignal.abort(new Error('stopping')))).rejects.toThrow(
      'stopping',
    );
    expect(rig.sent).toEqual([]);
  });
});

property.prop([fc.infiniteStream(fc.nat(9)), fc.integer({ min: 1, max: 30 })], { numRuns: 60 })(
  'whatever the backend answers, every record gets one verdict, and acknowledged ones were accepted',
  async (choices, count) => {
    const accepted = new Set<string>();
    const parked = new Set<string>();
    const rig = createRig(uids => {
      const outcome = pick(choices.next().value ?? 0);
      if (outcome.kind === 'acknowledged') for (const uid of uids) accepted.add(uid);
      if (outcome.kind === 'partial') for (const uid of uids) parked.add(uid);
      return outcome;
    });

    const verdicts = await rig.deliver(logRecords(count));

    expect(verdicts).toHaveLength(count);
    for (const [index, verdict] of verdicts.entries()) {
      if (verdict.fate === 'acknowledged') expect(accepted).toContain(`r${index}`);
      if (verdict.fate === 'parked' && !verdict.certain) expect(parked).toContain(`r${index}`);
    }
  },
);

function pick(choice: number): Outcome {
  const outcomes: Outcome[] = [
    REFUSED,
    TOO_OLD,
    HELD,
    down({ status: 503 }),
    down({ timedOut: true, unknown: true }),
    down(),
    { kind: 'partial', rejected: 1, message: '' },
  ];
  return outcomes[choice] ?? ACK;
}
