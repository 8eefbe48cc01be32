import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/api/http.ts';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ask, auditRequests } from './support/asked.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');
const START_S = START_MS / 1000;

type Event = Record<string, unknown>;

function emulate(events: readonly Event[]): Emulator {
  return createEmulator({ clock: createFakeClock({ startMs: START_MS }), content: { kind: 'events', events } });
}

/** One a minute. */
function event(i: number, more: Event = {}): Event {
  const user = { id: `user-${i % 3}`, email: `u${i % 3}@example.com` };
  return {
    id: `audit_log-${i}`,
    type: i % 10 === 0 ? 'api_key.created' : 'login.succeeded',
    effective_at: START_S - i * 60,
    project: { id: `proj_${i % 2}` },
    actor: { type: 'session', session: { user } },
    ...more,
  };
}

const many = (count: number) => Array.from({ length: count }, (_, i) => event(i));

/** An answer to the audit log from which events are taken. */
const without =
  (isGone: (event: Event, url: URL) => boolean) =>
  (answer: HttpAnswer, url: URL): HttpAnswer => {
    const body = JSON.parse(answer.body);
    if (!Array.isArray(body.data)) return answer;
    return {
      ...answer,
      body: JSON.stringify({ ...body, data: body.data.filter((each: Event) => !isGone(each, url)) }),
    };
  };

describe('what is asked of the API', () => {
  const emulator = emulate(many(450));

  it('is each condition that it has a filter for', async () => {
    const asked = await ask(
      emulator,
      "SELECT id FROM audit_logs WHERE type IN ('api_key.created', 'x.y') AND actor_email = 'u0@example.com' AND actor_id = 'user-0' AND project_id = 'proj_0' AND resource_id = 'key_1' AND effective_at >= 5 AND effective_at < 2000000000 AND stream = 'organization'",
    );
    const span = { 'effective_at[gte]': ['5'], 'effective_at[lte]': ['1999999999'] };
    const requests = auditRequests(asked);
    expect(requests).toContainEqual({ limit: ['100'], ...span });
    expect(requests).toContainEqual({
      limit: ['100'],
      ...span,
      'event_types[]': ['api_key.created', 'x.y'],
      'actor_emails[]': ['u0@example.com'],
      'actor_ids[]': ['user-0'],
      'project_ids[]': ['proj_0'],
      'resource_ids[]': ['key_1'],
    });
  });

  it('is nothing but the span where that is a page', async () => {
    const sql = `SELECT id FROM audit_logs WHERE type = 'api_key.created' AND effective_at > ${START_S - 3600}`;
    const asked = await ask(emulator, sql);
    expect(asked.rows).toHaveLength(6);
    expect(auditRequests(asked)).toEqual([
      { limit: ['100'], 'effective_at[gte]': [String(START_S - 3599)] },
      { limit: ['100'], tenant_only: ['true'], 'effective_at[gte]': [String(START_S - 3599)] },
    ]);
  });

  it('is no pattern: an unknown type would be lost', async () => {
    const other = emulate([...many(150), event(151, { type: 'api_key.rotated' })]);
    const asked = await ask(other, "SELECT type, count(*) FROM audit_logs WHERE type LIKE 'api_key.%' GROUP BY 1");
    expect(asked.rows).toEqual([
      ['api_key.created', 15n],
      ['api_key.rotated', 1n],
    ]);
    expect(auditRequests(asked).some(request => request['event_types[]'])).toBe(false);
  });

  it('is nothing at all where no row can pass, or none is wanted', async () => {
    const none = await ask(emulator, "SELECT * FROM audit_logs WHERE type = 'a' AND type = 'b'");
    const explained = await ask(emulator, 'EXPLAIN QUERY PLAN SELECT * FROM audit_logs');
    expect([none.requests, none.rows, explained.requests, explained.rows.length]).toEqual([[], [], [], 1]);
  });

  it('is only the tenant stream where nothing else can pass', async () => {
    const asked = await ask(emulator, "SELECT count(*) FROM audit_logs WHERE stream = 'tenant'");
    expect(auditRequests(asked).every(({ tenant_only }) => tenant_only?.[0] === 'true')).toBe(true);
    const both = await ask(emulator, "SELECT count(*) FROM audit_logs WHERE stream = 'organization'");
    expect([asked.rows, both.rows]).toEqual([[[0n]], [[450n]]]);
  });

  it('is everything with --everything, but for the times', async () => {
    const sql = "SELECT count(*) FROM audit_logs WHERE type = 'api_key.created'";
    const asked = await ask(emulator, sql, { pushesDown: false });
    expect(asked.rows).toEqual([[45n]]);
    expect(auditRequests(asked).some(request => request['event_types[]'])).toBe(false);
  });

  it('is the time and the type alone where privacy hides values', async () => {
    const privacy = { rules: { 'user.email': 'hash' }, key: '0123456789abcdef' } as const;
    const config = { records: { body: 'event', severity: {}, privacy } } as const;
    const sql = "SELECT DISTINCT actor_email FROM audit_logs WHERE type = 'api_key.created' AND actor_email <> ''";
    const hashes = (await ask(emulator, sql, { config })).rows.flat();
    expect(hashes).toHaveLength(3);
    expect(String(hashes)).not.toContain('@');
    const one = await ask(emulator, `SELECT count(*), min(raw) FROM audit_logs WHERE actor_email = '${hashes[0]}'`, {
      config,
    });
    expect([Number(one.rows[0]?.[0]), String(one.rows[0]?.[1]).includes('@')]).toEqual([150, false]);
    expect(auditRequests(one).some(request => request['actor_emails[]'])).toBe(false);
  });
});

describe('a filter that the API does not keep to', () => {
  it('is not believed once it leaves out what was listed', async () => {
    const emulator = emulate(many(300));
    const through = without(({ id }, url) => id === 'audit_log-20' && url.searchParams.has('event_types[]'));
    const sql = "SELECT count(*) FROM audit_logs WHERE type = 'api_key.created'";
    const asked = await ask(emulator, sql, { through });
    expect(asked.rows).toEqual([[30n]]);
    expect(asked.notes).toEqual([
      "the API's filters leave out what they should find (audit_log-20): everything is read instead",
    ]);
  });

  it('loses nothing either where few rows are enough', async () => {
    const emulator = emulate(many(3_000));
    const through = without(({ id }, url) => id === 'audit_log-20' && url.searchParams.has('event_types[]'));
    const sql = "SELECT id FROM audit_logs WHERE type = 'api_key.created' ORDER BY effective_at DESC LIMIT 3";
    const { rows } = await ask(emulator, sql, { through });
    expect(rows).toEqual([['audit_log-0'], ['audit_log-10'], ['audit_log-20']]);
  });

  it('is done without when it is refused', async () => {
    const emulator = emulate(many(300));
    const through = (answer: HttpAnswer, url: URL) =>
      url.searchParams.has('actor_emails[]') ? { ...answer, status: 400, body: '{"error":{"message":"no"}}' } : answer;
    const sql = "SELECT count(*) FROM audit_logs WHERE actor_email = 'u1@example.com'";
    expect((await ask(emulator, sql, { through })).rows).toEqual([[100n]]);
  });

  it('may be ignored', async () => {
    const emulator = emulate(many(300));
    const ignoring = (answer: HttpAnswer) => answer;
    const sql = "SELECT count(*) FROM audit_logs WHERE actor_email = 'u1@example.com' AND type = 'api_key.created'";
    expect((await ask(emulator, sql, { through: ignoring })).rows).toEqual([[10n]]);
  });

  it('of types is refused by the tenant stream, which then has none of them', async () => {
    const tenant = Array.from({ length: 120 }, (_, i) => event(i, { id: `t-${i}`, type: 'tenant.user.added' }));
    const emulator = emulate([...many(120), ...tenant]);
    const some = await ask(emulator, "SELECT count(*) FROM audit_logs WHERE type = 'api_key.created'");
    const both = await ask(
      emulator,
      "SELECT type, count(*) FROM audit_logs WHERE type IN ('api_key.created', 'tenant.user.added') GROUP BY 1",
    );
    expect(some.rows).toEqual([[12n]]);
    expect(both.rows).toEqual([
      ['api_key.created', 12n],
      ['tenant.user.added', 120n],
    ]);
    expect(auditRequests(some).filter(({ tenant_only }) => tenant_only).length).toBeLessThan(4);
  });

  it('of a type that nobody knows is refused, and its events are found all the same', async () => {
    const emulator = emulate(many(300));
    const through = (answer: HttpAnswer, url: URL) =>
      url.searchParams.getAll('event_types[]').includes('made.up')
        ? { ...answer, status: 400, body: '{"error":{"message":"no such type"}}' }
        : answer;
    emulator.organization.append([event(250, { id: 'odd', type: 'made.up' })]);
    const sql = "SELECT id FROM audit_logs WHERE type IN ('made.up', 'api_key.deleted')";
    expect((await ask(emulator, sql, { through })).rows).toEqual([['odd']]);
  });
});

describe('first rows', () => {
  const emulator = emulate(many(1_500));

  it.each([
    ['the newest', 'SELECT id FROM audit_logs ORDER BY effective_at DESC LIMIT 3', 4],
    [
      'the newest that pass',
      'SELECT id FROM audit_logs a WHERE a.actor_ip IS NULL ORDER BY a.time DESC, id LIMIT 2 OFFSET 1',
      4,
    ],
    ['any', "SELECT id, effective_at FROM audit_logs WHERE outcome = 'success' LIMIT 150", 6],
  ])('are read until they are there: %s', async (_, sql, requests) => {
    const asked = await ask(emulator, sql);
    expect(asked.rows).toEqual((await ask(emulator, sql, { pushesDown: false })).rows);
    expect(auditRequests(asked).length).toBeLessThanOrEqual(requests);
  });

  it.each([
    'SELECT count(*) FROM audit_logs LIMIT 1',
    'SELECT id FROM audit_logs ORDER BY effective_at LIMIT 1',
    'SELECT id FROM audit_logs ORDER BY id LIMIT 1',
    'SELECT DISTINCT stream FROM audit_logs LIMIT 2',
    'SELECT id, row_number() OVER (ORDER BY effective_at) FROM audit_logs LIMIT 1',
    'SELECT -effective_at AS effective_at FROM audit_logs ORDER BY effective_at DESC LIMIT 1',
    'SELECT -effective_at effective_at FROM audit_logs ORDER BY effective_at DESC LIMIT 1',
    'SELECT max(effective_at) FROM audit_logs GROUP BY type ORDER BY effective_at DESC LIMIT 1',
    'SELECT id FROM audit_logs UNION SELECT id FROM audit_logs ORDER BY 1 LIMIT 1',
    'SELECT (SELECT count(*) FROM audit_logs) FROM audit_logs LIMIT 1',
    'SELECT id FROM audit_logs ORDER BY effective_at DESC LIMIT -1',
    'SELECT id FROM audit_logs ORDER BY effective_at + 1 DESC LIMIT 1',
    'SELECT id FROM (SELECT * FROM audit_logs ORDER BY effective_at) ORDER BY effective_at DESC LIMIT 1',
  ])('are not guessed: %s', async sql => {
    const asked = await ask(emulator, sql);
    expect(auditRequests(asked).length).toBeGreaterThan(15);
    expect(asked.rows).toEqual((await ask(emulator, sql, { pushesDown: false })).rows);
  });

  it('need all that is newer of both streams', async () => {
    const tenant = Array.from({ length: 150 }, (_, i) =>
      event(0, { id: `t-${i}`, type: 'tenant.user.added', effective_at: START_S - 3_000 - i * 600 }),
    );
    const both = emulate([...many(1_000), ...tenant]);
    const sql = 'SELECT id FROM audit_logs ORDER BY effective_at DESC LIMIT 300';
    const asked = await ask(both, sql);
    expect(asked.rows).toEqual((await ask(both, sql, { pushesDown: false })).rows);
    expect(auditRequests(asked).length).toBeLessThan(20);
  });
});

describe('events', () => {
  it('of both streams are there once, as those of the tenant', async () => {
    const emulator = emulate([event(1), event(2, { id: 't', type: 'tenant.user.added' })]);
    emulator.configure({ tenantInBoth: true });
    const { rows } = await ask(emulator, 'SELECT id, stream FROM audit_logs ORDER BY id');
    expect(rows).toEqual([
      ['audit_log-1', 'organization'],
      ['t', 'tenant'],
    ]);
  });

  it('without a type, without an actor and of unknown types have rows', async () => {
    const emulator = emulate([
      { id: 'a', effective_at: START_S, actor: null },
      {
        id: 'b',
        type: 'new.thing',
        effective_at: START_S - 1,
        'new.thing': { id: 'x', big: 12345678901234567890n.toString() },
      },
    ]);
    const { rows } = await ask(emulator, 'SELECT id, type, payload, resource_id, time FROM audit_logs ORDER BY id');
    expect(rows).toEqual([
      ['a', null, null, null, '2026-11-22T12:00:00Z'],
      ['b', 'new.thing', '{"id":"x","big":"12345678901234567890"}', 'x', '2026-11-22T11:59:59Z'],
    ]);
  });

  it('are read to the end through failures and slow-downs', async () => {
    const emulator = emulate(many(600));
    emulator.addFaults([
      { kind: 'status', route: '/organization/audit_logs', status: 500, times: 3 },
      { kind: 'status', route: '/organization/audit_logs', status: 429, times: 2, retryAfter: '5' },
      { kind: 'truncated', route: '/organization/audit_logs', times: 1 },
    ] as never);
    expect((await ask(emulator, 'SELECT count(*) FROM audit_logs')).rows).toEqual([[600n]]);
  });

  it('are not made up when the key is refused', async () => {
    const emulator = emulate(many(3));
    emulator.keys.revoke('sk-admin-demo');
    await expect(ask(emulator, 'SELECT 1 FROM audit_logs')).rejects.toMatchObject({ code: 'key-refused' });
  });
});

describe('many requests', () => {
  const emulator = emulate(many(12_000));

  it('are asked about first, with about as many as it takes', async () => {
    const asked: number[] = [];
    const agree = async (requests: number) => asked.push(requests) > 0;
    const { rows, requests } = await ask(emulator, 'SELECT count(*) FROM audit_logs', { agree });
    expect(rows).toEqual([[12_000n]]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeGreaterThan(requests.length * 0.8);
    expect(asked[0]).toBeLessThan(requests.length * 1.5);
  });

  it('are not sent when nobody agrees', async () => {
    let requests = 0;
    const through = (answer: HttpAnswer) => {
      requests += 1;
      return answer;
    };
    const refused = ask(emulator, 'SELECT count(*) FROM audit_logs', { agree: async () => false, through });
    await expect(refused).rejects.toMatchObject({ code: 'query-long' });
    expect(requests).toBeLessThan(15);
  });

  it('are noticed while first rows are looked for', async () => {
    const sql = "SELECT id FROM audit_logs WHERE actor_ip = '192.0.2.1' ORDER BY effective_at DESC LIMIT 1";
    await expect(ask(emulator, sql, { agree: async () => false })).rejects.toMatchObject({ code: 'query-long' });
  });
});
