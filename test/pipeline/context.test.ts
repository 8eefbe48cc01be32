import { expect, it } from 'vitest';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { createLogger } from '../../src/log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { createOwnProcessor } from '../../src/processor/own-record.ts';
import type { Enrich, FindNames } from '../../src/processor/processor.ts';
import type { LogRecord } from '../../src/record.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const clock = createFakeClock({ auto: true });
const log = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });
const signal = new AbortController().signal;
const options = { organizations: [{ name: 'acme' }], resourceAttributes: {} };
const text = JSON.stringify({
  id: 'audit_log-1',
  type: 'login.succeeded',
  effective_at: 900_000,
  actor: { type: 'session', session: { user: { id: 'user-1' }, ip_address: '203.0.113.7' } },
});
const event: ListedEvent = {
  uid: 'audit_log-1',
  type: 'login.succeeded',
  effectiveAt: 900_000,
  timeIsNeighbours: false,
  text,
};

/** A process whose database says `city`; `sent` has what it tried to deliver. */
function startProcess(storage: Storage, city: string, fails: boolean, findNames?: FindNames) {
  const sent: LogRecord[] = [];
  const deliver = async (records: readonly LogRecord[]) => {
    sent.push(...records);
    if (fails) throw new Error('killed');
    return records.map(() => ({ fate: 'acknowledged' }) as const);
  };
  const enrich: Enrich = () => ({ geo: { city } });
  const pipeline = new Pipeline({
    organization: 'acme',
    storage,
    processor: createAuditLogProcessor({ ...options, body: 'event', severity: {} }),
    ownProcessor: createOwnProcessor(options),
    enrich,
    findNames,
    deliveries: { live: { deliver }, rest: { deliver } },
    clock,
    random: () => 0.5,
    log,
    excludeTypes: [],
    batchRecords: 100,
    grace: signal,
  });
  const feed = new Feed(
    { organization: 'acme', stream: 'organization' },
    {
      enabled: true,
      streams: ['organization'],
      pollIntervalMs: 30_000,
      settleMs: 300_000,
      startFrom: { text: '1970-01-01T00:00:00Z', kind: 'instant', atMs: 0 },
      reverify: [],
      excludeTypes: [],
    },
    undefined,
  );
  feed.start(1_000_000);
  return { pipeline, feed, sent };
}

it('what a database said first is what a repetition says, whatever it says by then', async () => {
  const storage = await openStorage(':memory:');
  const first = startProcess(storage, 'Berlin', true);
  const nothing = { span: { from: 0, to: 0 }, nowS: 1_000_000 };
  await expect(first.pipeline.deliver(first.feed, [event], 'live', nothing, signal)).rejects.toThrow('killed');

  const second = startProcess(storage, 'London', false);
  const { sent } = await second.pipeline.resume([second.feed], signal);
  await sent;

  expect(first.sent.map(record => record.attributes['geo.locality.name'])).toEqual(['Berlin']);
  expect(second.sent).toEqual(first.sent);
  await storage.close();
});

it('what the inventory called somebody first is what a repetition says', async () => {
  const storage = await openStorage(':memory:');
  const called =
    (email: string): FindNames =>
    async events =>
      events.map(() => ({ 'user.email': { 'user-1': email } }));
  const first = startProcess(storage, 'Berlin', true, called('ada@example.com'));
  const nothing = { span: { from: 0, to: 0 }, nowS: 1_000_000 };
  await expect(first.pipeline.deliver(first.feed, [event], 'live', nothing, signal)).rejects.toThrow('killed');

  const second = startProcess(storage, 'Berlin', false, called('ada.king@example.com'));
  const { sent } = await second.pipeline.resume([second.feed], signal);
  await sent;

  expect(first.sent.map(record => record.attributes['user.email'])).toEqual(['ada@example.com']);
  expect(second.sent).toEqual(first.sent);
  await storage.close();
});
