import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { answer, emulate, error, event, ids, list, post, reply, START_S } from './support/ask.ts';

const PATH = '/organization/audit_logs';

function get(emulator: Emulator, path: string): string {
  const given = emulator.handle({ method: 'GET', target: `/_emulator/${path}`, headers: {} });
  if (given.kind !== 'answer') throw new Error(given.kind);
  return given.body;
}

test('sets faults, shows them and clears them', () => {
  const { emulator } = emulate();
  const faults = [
    { kind: 'status', status: 500, retry_after: '3', delay: '2s', route: PATH },
    { kind: 'headers', headers: { date: null } },
  ];
  expect(post(emulator, 'faults', { faults })).toMatchObject({
    status: 200,
    body: { pending: [{ delayMs: 2000 }, {}] },
  });
  expect(reply(emulator, PATH)).toMatchObject({ status: 500, delayMs: 2000, headers: { 'retry-after': '3' } });
  expect(JSON.parse(get(emulator, 'faults')).pending).toHaveLength(1);
  expect(answer(emulator, PATH).headers).not.toHaveProperty('date');
  post(emulator, 'faults', { faults });
  emulator.handle({ method: 'DELETE', target: '/_emulator/faults', headers: {} });
  expect(answer(emulator, PATH).status).toBe(200);
});

test.each(['reset', 'hang', 'truncated', 'two_documents', 'repeated_cursor', 'no_cursor', 'empty_page', 'slow'])(
  'sets the fault %s by its name alone',
  kind => {
    const { emulator } = emulate();
    expect(post(emulator, 'faults', { faults: [{ kind }] }).status).toBe(200);
    expect(emulator.pendingFaults()).toEqual([{ kind }]);
  },
);

test('sets and lifts limits', () => {
  const { emulator } = emulate();
  expect(post(emulator, 'limits', { route: PATH, requests: 1, per: '1m', retry_after: true }).status).toBe(200);
  expect(answer(emulator, PATH).status).toBe(200);
  expect(answer(emulator, PATH)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
  post(emulator, 'limits', { route: PATH, requests: null });
  expect(answer(emulator, PATH).status).toBe(200);
});

test('gives, narrows and revokes keys', () => {
  const { emulator } = emulate();
  post(emulator, 'keys', { key: 'sk-admin-two', scopes: ['api.management.read'] });
  expect(error(emulator, PATH, 'sk-admin-two').status).toBe(403);
  post(emulator, 'keys', { key: 'sk-admin-two' });
  expect(answer(emulator, PATH, 'sk-admin-two').status).toBe(200);
  post(emulator, 'keys', { key: 'sk-admin-two', revoked: true });
  expect(error(emulator, PATH, 'sk-admin-two').status).toBe(401);
});

test('moves the clock by a time or to one', () => {
  const { emulator } = emulate();
  expect(post(emulator, 'clock', { jump: '2h' }).body).toEqual({ now: '2026-11-22T14:00:00.000Z' });
  expect(answer(emulator, PATH).headers).toMatchObject({ date: 'Sun, 22 Nov 2026 14:00:00 GMT' });
  expect(post(emulator, 'clock', { jump: '-30m' }).body).toEqual({ now: '2026-11-22T13:30:00.000Z' });
  expect(post(emulator, 'clock', { to: '2027-01-01T00:00:00Z' }).body).toEqual({ now: '2027-01-01T00:00:00.000Z' });
  expect(get(emulator, 'clock')).toBe('{"now":"2027-01-01T00:00:00.000Z"}');
});

test('adds events, late ones and storms, and takes some away', () => {
  const { emulator } = emulate();
  const added = post(emulator, 'events', {
    append: [event('mine', 5)],
    late: { count: 2, ago: '40d' },
    storm: { count: 3, within: '10s' },
  });
  const [mine, firstLate, ...others] = added.body.added as string[];
  expect([mine, others.length]).toEqual(['mine', 4]);
  const listed = list(emulator).data;
  expect(listed).toHaveLength(6);
  expect(listed.find(({ id }) => id === firstLate)?.effective_at).toBe(START_S - 40 * 86_400);

  expect(post(emulator, 'events', { vanish: { ids: ['mine'] } }).body).toEqual({ added: [], vanished: ['mine'] });
  const { vanished } = post(emulator, 'events', { vanish: { newest: 2 } }).body;
  expect(vanished).toEqual(
    listed
      .map(({ id }) => id)
      .filter(id => id !== 'mine')
      .slice(0, 2),
  );
  expect(list(emulator).data).toHaveLength(3);
});

test('events may be made visible later', async () => {
  const { emulator, clock } = emulate();
  post(emulator, 'events', { append: [event('late', 600)], visible_in: '1m' });
  expect(list(emulator).data).toEqual([]);
  await clock.advance(60_000);
  expect(ids(list(emulator))).toEqual(['late']);
});

test('tells line by line what is listed now', () => {
  const { emulator } = emulate();
  const tenant = { type: 'tenant.user.added' };
  emulator.organization.append([event('a', 1), event('b', 2), event('t', 3, tenant)]);
  const lines = (path: string) =>
    get(emulator, path)
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
  expect(lines('events')).toEqual([
    { id: 'a', type: 'login.succeeded', effective_at: START_S - 1, stream: 'organization' },
    { id: 'b', type: 'login.succeeded', effective_at: START_S - 2, stream: 'organization' },
    { id: 't', type: 'tenant.user.added', effective_at: START_S - 3, stream: 'tenant' },
  ]);
  expect(lines('events?stream=tenant').map(({ id }) => id)).toEqual(['t']);
  expect(lines('events?stream=tenant&whole=true')).toEqual([list(emulator, 'tenant_only=true').data[0]]);
  expect(lines(`events?from=${START_S - 2}&to=${START_S - 1}`).map(({ id }) => id)).toEqual(['b']);
});

test('starts and stops life', async () => {
  const { emulator, clock } = emulate({ content: { kind: 'story', seed: '1', historyMs: 0 } });
  expect(post(emulator, 'life', { rate: 60 }).body).toEqual({ rate: 60 });
  await clock.advance(600_000);
  const lively = list(emulator, 'limit=100').data.length;
  expect(lively).toBeGreaterThan(10);
  post(emulator, 'life', { rate: 0 });
  await clock.advance(600_000);
  expect(list(emulator, 'limit=100').data).toHaveLength(lively);
});

test('changes the settings that it names and no others', () => {
  const { emulator } = emulate();
  const { body } = post(emulator, 'settings', { latency: '50ms', order: 'shuffled', vanished_cursor: 404 });
  expect(body).toMatchObject({ latencyMs: 50, order: 'shuffled', vanishedCursor: 404, auditLogging: true });
  expect(JSON.parse(get(emulator, 'settings'))).toEqual(body);
});

test('tells what was asked, without counting itself', () => {
  const { emulator } = emulate();
  answer(emulator, PATH);
  get(emulator, 'stats');
  expect(JSON.parse(get(emulator, 'stats'))).toMatchObject({
    total: 1,
    routes: { [PATH]: { 200: 1 } },
    last: [{ method: 'GET', target: `/v1${PATH}`, status: 200 }],
  });
});

test.each([
  ['faults', {}, 'body.faults is missing'],
  ['faults', { faults: [{ kind: 'stats' }] }, 'body.faults[0].kind: expected one of "status"'],
  ['faults', { faults: [{ kind: 'status' }] }, 'body.faults[0].status (with kind status) is missing'],
  ['faults', { faults: [{ kind: 'status', status: 99 }] }, 'body.faults[0].status: expected a status'],
  ['faults', { faults: [{ kind: 'hang', route: '/moons' }] }, 'body.faults[0].route: expected one of'],
  ['faults', { faults: [{ kind: 'hang', time: 3 }] }, 'body.faults[0]: there is no field "time"; there are'],
  ['limits', { requests: -1 }, 'body.requests: expected a whole number from 0, got -1'],
  ['limits', {}, 'body.requests (null lifts the limit) is missing'],
  ['keys', { scopes: [] }, 'body.key is missing'],
  ['keys', { key: 'k', scopes: [1] }, 'body.scopes[0]: expected a text, got 1'],
  ['clock', {}, 'body: expected either jump or to'],
  ['clock', { jump: 'soon' }, 'body.jump: expected milliseconds or a duration such as "30s", got "soon"'],
  ['clock', { to: 'soon' }, 'body.to: expected an RFC 3339 instant'],
  ['events', { append: ['x'] }, 'body.append[0]: expected an object, got "x"'],
  ['events', { late: { count: 1 } }, 'body.late.ago is missing'],
  ['events', { storm: {} }, 'body.storm.count is missing'],
  ['events', { vanish: {} }, 'body.vanish needs ids or newest'],
  ['life', { rate: 'fast' }, 'body.rate: expected a number from 0, got "fast"'],
  ['settings', { order: 'random' }, 'body.order: expected one of "descending", "ascending", "shuffled", got "random"'],
  ['settings', [], 'body: expected an object, got []'],
])('refuses POST %s %j', (path, body, message) => {
  const { emulator } = emulate();
  const refused = post(emulator, path, body);
  expect(refused.status).toBe(400);
  expect(refused.body.error).toContain(message);
});

test('refuses a body that is no JSON, and names the commands for a path that is none', () => {
  const { emulator } = emulate();
  const broken = emulator.handle({ method: 'POST', target: '/_emulator/keys', headers: {}, body: '{' });
  expect(broken).toMatchObject({ status: 400, body: '{"error":"body: not valid JSON"}' });
  const unknown = emulator.handle({ method: 'GET', target: '/_emulator/moons', headers: {} });
  expect(unknown).toMatchObject({ status: 404, body: expect.stringContaining('POST /_emulator/faults') });
});
