import { expect, test } from 'vitest';
import { answer, emulate, error, reply } from './support/ask.ts';

const AUDIT_LOGS = '/organization/audit_logs';

test('a request without a key, with an unknown or a revoked one is a 401 in the form of the API', () => {
  const { emulator } = emulate();
  const bare = emulator.handle({ method: 'GET', target: `/v1${AUDIT_LOGS}`, headers: {} });
  expect(bare).toMatchObject({ status: 401 });
  expect(error(emulator, AUDIT_LOGS, 'sk-admin-another-secret')).toEqual({
    status: 401,
    message: expect.stringContaining('Incorrect API key provided: sk-admin'),
    type: 'invalid_request_error',
    param: null,
    code: 'invalid_api_key',
  });
  expect(answer(emulator, AUDIT_LOGS, 'sk-admin-another-secret').body).not.toContain('another');
  emulator.keys.revoke('sk-admin-demo');
  expect(error(emulator, AUDIT_LOGS)).toMatchObject({ status: 401, code: 'invalid_api_key' });
});

test('a key without the scope is a 403 that names the scope', () => {
  const { emulator } = emulate();
  emulator.keys.set('sk-admin-narrow', ['api.management.read']);
  expect(error(emulator, AUDIT_LOGS, 'sk-admin-narrow')).toMatchObject({
    status: 403,
    message: expect.stringContaining('Missing scopes: api.audit_logs.read'),
  });
  expect(answer(emulator, '/organization/users', 'sk-admin-narrow').status).toBe(200);
  emulator.keys.set('sk-admin-narrow', ['api.audit_logs.read']);
  expect(answer(emulator, AUDIT_LOGS, 'sk-admin-narrow').status).toBe(200);
  expect(error(emulator, '/organization/users', 'sk-admin-narrow').status).toBe(403);
});

test('an unknown path is a 404, a wrong method a 405, both in the form of the API', () => {
  const { emulator } = emulate();
  const form = { type: 'invalid_request_error', param: null };
  expect(error(emulator, '/organization/moons')).toMatchObject({ status: 404, ...form });
  expect(error(emulator, '/organization/users/a/b')).toMatchObject({ status: 404, ...form });
  expect(emulator.handle({ method: 'GET', target: '/', headers: {} })).toMatchObject({ status: 404 });
  expect(emulator.handle({ method: 'POST', target: `/v1${AUDIT_LOGS}`, headers: {} })).toMatchObject({ status: 405 });
});

test('a silent limit holds for each route alone and any window of its length', async () => {
  const { emulator, clock } = emulate();
  emulator.limit('*', { requests: 2, perMs: 60_000, retryAfter: false });
  const statuses = (path: string, count: number) => Array.from({ length: count }, () => answer(emulator, path).status);

  expect(statuses(AUDIT_LOGS, 1)).toEqual([200]);
  await clock.advance(30_000);
  expect(statuses(AUDIT_LOGS, 3)).toEqual([200, 429, 429]);
  expect(statuses('/organization/users', 1)).toEqual([200]);
  await clock.advance(29_999);
  expect(statuses(AUDIT_LOGS, 1)).toEqual([429]);
  await clock.advance(1);
  expect(statuses(AUDIT_LOGS, 2)).toEqual([200, 429]);

  const { headers, body } = answer(emulator, AUDIT_LOGS);
  expect(Object.keys(headers).filter(name => /retry|ratelimit/.test(name))).toEqual([]);
  expect(JSON.parse(body).error).toMatchObject({ code: 'rate_limit_exceeded' });
});

test('a limit may say when to come back, and coming back then is allowed', async () => {
  const { emulator, clock } = emulate();
  emulator.limit(AUDIT_LOGS, { requests: 1, perMs: 10_000, retryAfter: true });
  answer(emulator, AUDIT_LOGS);
  await clock.advance(3500);
  expect(answer(emulator, AUDIT_LOGS)).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
  await clock.advance(7000);
  expect(answer(emulator, AUDIT_LOGS).status).toBe(200);
});

test('a jump of the clock does not refill a limit', () => {
  const { emulator } = emulate();
  emulator.limit('*', { requests: 1, perMs: 60_000, retryAfter: false });
  answer(emulator, AUDIT_LOGS);
  emulator.organization.jump(3_600_000);
  expect(answer(emulator, AUDIT_LOGS).status).toBe(429);
  emulator.limit('*', undefined);
  expect(answer(emulator, AUDIT_LOGS).status).toBe(200);
});

test('latency and jitter delay every answer', () => {
  const { emulator } = emulate({ settings: { latencyMs: 50, jitterMs: 20 } });
  for (let count = 0; count < 20; count += 1) {
    const given = reply(emulator, AUDIT_LOGS);
    const delayMs = given.kind === 'hang' ? 0 : given.delayMs;
    expect(delayMs).toBeGreaterThanOrEqual(50);
    expect(delayMs).toBeLessThan(70);
  }
});

test('counts what was asked by route and status, and keeps the last requests', () => {
  const { emulator } = emulate();
  answer(emulator, `${AUDIT_LOGS}?limit=5`);
  answer(emulator, `${AUDIT_LOGS}?limit=500`);
  answer(emulator, '/organization/moons');
  expect(emulator.requests.counts()).toEqual({ [AUDIT_LOGS]: { 200: 1, 400: 1 }, none: { 404: 1 } });
  expect(emulator.requests.last().map(({ target, status }) => [target, status])).toEqual([
    [`/v1${AUDIT_LOGS}?limit=5`, 200],
    [`/v1${AUDIT_LOGS}?limit=500`, 400],
    ['/v1/organization/moons', 404],
  ]);
});
