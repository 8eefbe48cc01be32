import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/exporter/exporter.ts';
import { createLogger } from '../../src/log.ts';
import { InventorySender } from '../../src/pipeline/inventory-sender.ts';
import { type ReplayAsk, replayParked } from '../../src/pipeline/replay.ts';
import { createInventoryProcessor } from '../../src/processor/inventory.ts';
import type { Privacy } from '../../src/processor/privacy-rules.ts';
import { Works } from '../../src/progress/works.ts';
import type { LogRecord } from '../../src/record.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { reachesOf } from '../support/reaches.ts';

const PARK: Verdict = { fate: 'parked', reason: 'refused', message: 'too long', certain: true };
const ASIDE: Verdict = { fate: 'aside', message: 'too far behind' };
const ADDED = 'inventory.added/acme/user/ada/5000';
const STATE = 'entity.state/acme/user/bob/5000';
const signal = AbortSignal.any([]);

function user(id: string, change: 'added' | 'state') {
  const content = JSON.stringify({ form: 'node', id: { 'user.id': id }, description: {}, relations: [] });
  const when = { atMs: 5_000, firstSeenMs: 5_000 };
  return { kind: 'user', id, list: '/organization/users', change, ...when, content, facts: '{}' } as const;
}

/** Somebody new and somebody known wait for a backend that answers as it is told. */
async function sending(privacy?: Privacy) {
  const clock = createFakeClock();
  const storage = await openStorage(':memory:');
  const sent: LogRecord[] = [];
  const backend = { statements: 0, answer: (_: LogRecord): Verdict => ({ fate: 'acknowledged' }) };
  const sender = new InventorySender({
    organization: 'acme',
    storage,
    inventoryProcessor: createInventoryProcessor({
      organizations: [],
      resourceAttributes: {},
      ...(privacy === undefined ? {} : { privacy }),
    }),
    clock,
    log: createLogger({ level: 'error', format: 'text', clock, write: () => undefined }),
    batchRecords: 100,
    persist: operation => operation(),
    async deliver(records) {
      sent.push(...records);
      return records.map(record => backend.answer(record));
    },
    onStatement: () => {
      backend.statements += 1;
    },
  });
  const changes = [user('ada', 'added'), user('bob', 'state')];
  await storage.recordInventory('acme', changes, [{ list: '/organization/users', state: 'read' }]);
  const works = new Works(clock);
  const replay = (ask: ReplayAsk) =>
    replayParked({ organization: 'acme', sources: [], inventory: sender, storage, progress: works }, ask, signal);
  return { clock, storage, sender, backend, sent, works, replay };
}

describe('what the backend refuses of the inventory', () => {
  it('is said in the transaction that parks it, once', async () => {
    const { storage, sender, backend, clock } = await sending();
    backend.answer = ({ eventName }) => (eventName === 'entity.state' ? { fate: 'acknowledged' } : PARK);
    await sender.flush(signal);
    expect(await storage.parkedInventory('acme')).toMatchObject([{ id: 'ada', reason: 'refused' }]);
    expect(await storage.statements('acme', 10, 0)).toMatchObject([
      {
        uid: 'parked/acme/inventory/1',
        name: 'parked',
        atMs: clock.nowMs(),
        facts: {
          stream: 'inventory',
          event_uid: ADDED,
          event_type: 'openai.inventory.user.added',
          event_time: '1970-01-01T00:00:05Z',
          reason: 'refused',
          message: 'too long',
          certain: true,
        },
      },
    ]);
    expect(backend.statements).toBe(1);
    await sender.flush(signal);
    expect(await storage.statements('acme', 10, 0)).toHaveLength(1);
  });

  it('is not said again by a commit that is repeated when its statement has arrived', async () => {
    const { storage, sender, backend } = await sending();
    backend.answer = () => PARK;
    await sender.flush(signal);
    const [statement] = await storage.statements('acme', 10, 0);
    if (statement === undefined) throw new Error('nothing was said');
    await storage.settleStatements('acme', [{ uid: statement.uid, fate: 'acknowledged' }]);
    const parked = { reason: 'refused', message: 'too long', certain: true, atMs: 1 };
    await storage.settleInventory('acme', [{ seq: 1, fate: 'parked', parked, statement }]);
    expect((await storage.statements('acme', 10, 0)).map(({ uid }) => uid)).toEqual(['parked/acme/inventory/2']);
  });

  it('is sent again on a way of its own, whole, by the name of its record or for its reason', async () => {
    const { storage, sender, backend, sent, replay, clock, works } = await sending();
    backend.answer = () => PARK;
    await sender.flush(signal);
    const reaches = reachesOf(works);
    expect(await replay({ by: 'uid', uids: [ADDED, 'nobody'] })).toEqual({
      ok: false,
      lines: ['acme: 0 of 1 parked records delivered', `acme: still parked: ${ADDED}`, 'acme: not parked: nobody'],
    });
    expect(reaches).toEqual([{ kind: 'replay', organization: 'acme', unit: 'records', done: 0, total: 1 }]);
    expect(works.underWay()).toEqual([]);
    const way = `inventory/1/replay/${Math.floor(clock.nowMs() / 1000)}`;
    expect((await storage.statements('acme', 10, 0)).map(({ uid }) => uid)).toEqual([
      'parked/acme/inventory/1',
      'parked/acme/inventory/2',
      `parked/acme/inventory/1/${way}`,
    ]);
    sent.splice(0);
    backend.answer = () => ({ fate: 'acknowledged' });
    expect(await replay({ by: 'reason', reason: 'too_old' })).toEqual({
      ok: true,
      lines: ['acme: nothing is parked as "too_old"'],
    });
    expect(await replay({ by: 'reason', reason: 'refused' })).toMatchObject({
      ok: true,
      lines: ['acme: 2 of 2 parked records delivered'],
    });
    expect(sent.map(({ attributes }) => attributes['log.record.uid'])).toEqual([
      'entity.state/acme/user/ada/5000',
      ADDED,
      STATE,
    ]);
    expect(sent.map(({ resource }) => resource['service.instance.id'])).toEqual([0, 1, 2].map(() => `acme/${way}`));
    expect(await storage.parkedInventory('acme')).toEqual([]);
  });

  it('is sent again without the record beside it that was taken', async () => {
    const { storage, sender, backend, sent, replay } = await sending();
    backend.answer = ({ eventName }) => (eventName === 'entity.state' ? { fate: 'acknowledged' } : PARK);
    await sender.flush(signal);
    sent.splice(0);
    await replay({ by: 'all' });
    backend.answer = () => ({ fate: 'acknowledged' });
    expect((await sender.parked()).map(({ uid }) => uid)).toEqual([ADDED]);
    await replay({ by: 'all' });
    expect(sent.map(({ attributes }) => attributes['log.record.uid'])).toEqual([ADDED, ADDED]);
    expect(await storage.parkedInventory('acme')).toEqual([]);
  });

  it('is not called delivered while it waits, since it is too old', async () => {
    const { sender, backend, replay } = await sending();
    backend.answer = () => PARK;
    await sender.flush(signal);
    backend.answer = () => ASIDE;
    expect((await replay({ by: 'uid', uids: [STATE] })).ok).toBe(false);
  });

  it('is called in the statement as in its record, without what is private', async () => {
    const { storage, sender, backend } = await sending({ rules: { 'user.id': 'hash' }, key: 'secret' });
    backend.answer = () => PARK;
    await sender.flush(signal);
    const statements = await storage.statements('acme', 10, 0);
    expect(statements).toHaveLength(2);
    expect(JSON.stringify(statements)).not.toMatch(/ada|bob/);
    expect((await sender.parked()).map(({ uid }) => uid)).toEqual(statements.map(({ facts }) => facts.event_uid));
  });
});
