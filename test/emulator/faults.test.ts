import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { Fault } from '../../src/emulator/fault.ts';
import { answer, emulate, event, ids, list, reply } from './support/ask.ts';

const PATH = '/organization/audit_logs';

/** Five events, e0 the newest, and some faults to come. */
function emulateWith(...faults: Fault[]): ReturnType<typeof emulate> {
  const made = emulate();
  made.emulator.organization.append(Array.from({ length: 5 }, (_, index) => event(`e${index}`, index)));
  made.emulator.addFaults(faults);
  return made;
}

const statuses = (emulator: Emulator, count: number, path = PATH) =>
  Array.from({ length: count }, () => answer(emulator, path).status);

test('a status comes once, with an error in the form of the API', () => {
  const { emulator } = emulateWith({ kind: 'status', status: 503 });
  const given = answer(emulator, PATH);
  expect(given.status).toBe(503);
  expect(JSON.parse(given.body).error).toMatchObject({ type: 'server_error', param: null });
  expect(answer(emulator, PATH).status).toBe(200);
});

test('a status may have a body, headers and Retry-After of its own', () => {
  const { emulator } = emulateWith({
    kind: 'status',
    status: 429,
    retryAfter: '7',
    headers: { 'content-type': 'text/html' },
    body: '<p>no</p>',
  });
  expect(answer(emulator, PATH)).toMatchObject({
    status: 429,
    body: '<p>no</p>',
    headers: { 'retry-after': '7', 'content-type': 'text/html' },
  });
});

test('a fault lets requests through first, and comes as often as it says', () => {
  const { emulator } = emulateWith({ kind: 'status', status: 500, skip: 2, times: 2 });
  expect(statuses(emulator, 5)).toEqual([200, 200, 500, 500, 200]);
});

test('a fault comes for as long as it says, however often', async () => {
  const { emulator, clock } = emulateWith({ kind: 'status', status: 500, forMs: 1000 });
  expect(statuses(emulator, 3)).toEqual([500, 500, 500]);
  await clock.advance(999);
  expect(statuses(emulator, 1)).toEqual([500]);
  await clock.advance(1);
  expect(statuses(emulator, 1)).toEqual([200]);
  expect(emulator.pendingFaults()).toEqual([]);
});

test('a fault waits for its route and for what its query must contain', () => {
  const { emulator } = emulateWith(
    { kind: 'status', status: 500, route: '/organization/users' },
    { kind: 'status', status: 502, query: 'effective_at[gte]=5' },
  );
  expect(statuses(emulator, 1)).toEqual([200]);
  expect(statuses(emulator, 2, '/organization/users')).toEqual([500, 200]);
  expect(statuses(emulator, 2, `${PATH}?effective_at%5Bgte%5D=5`)).toEqual([502, 200]);
});

test('faults are played in the order of the script, one for each request', () => {
  const { emulator } = emulateWith({ kind: 'status', status: 500 }, { kind: 'status', status: 502 });
  expect(statuses(emulator, 3)).toEqual([500, 502, 200]);
});

test('faults that were cleared do not come', () => {
  const { emulator } = emulateWith({ kind: 'status', status: 500 });
  emulator.clearFaults();
  expect(statuses(emulator, 1)).toEqual([200]);
});

test('a reset and a hang have no answer, and are counted as such', () => {
  const { emulator } = emulateWith({ kind: 'reset' }, { kind: 'hang' });
  expect(reply(emulator, PATH).kind).toBe('reset');
  expect(reply(emulator, PATH).kind).toBe('hang');
  expect(emulator.requests.counts()).toEqual({ [PATH]: { 0: 2 } });
});

test('a truncated body is the true one, cut in half or where it says', () => {
  const { emulator } = emulateWith({ kind: 'truncated' }, { kind: 'truncated', bytes: 10 });
  const whole = answer(emulate().emulator, PATH);
  const half = reply(emulator, PATH);
  expect(half).toMatchObject({ kind: 'truncated', status: whole.status });
  if (half.kind !== 'truncated') throw new Error(half.kind);
  expect(JSON.parse(half.body)).toMatchObject({ first_id: 'e0' });
  expect(half.bytes).toBe(Math.floor(half.body.length / 2));
  expect(reply(emulator, PATH)).toMatchObject({ kind: 'truncated', bytes: 10 });
});

test('two documents in a body are the page and the one that follows it', () => {
  const { emulator } = emulateWith({ kind: 'two_documents', times: 2 });
  const [first, second] = twoDocuments(answer(emulator, `${PATH}?limit=2`).body);
  expect([ids(first), ids(second)]).toEqual([
    ['e0', 'e1'],
    ['e2', 'e3'],
  ]);
  const [last, nothing] = twoDocuments(answer(emulator, `${PATH}?limit=2&after=e3`).body);
  expect([ids(last), ids(nothing)]).toEqual([['e4'], []]);
});

test('a repeated cursor leads to the same page again', () => {
  const { emulator } = emulateWith({ kind: 'repeated_cursor', times: 2 });
  const page = list(emulator, 'limit=2&after=e1');
  expect([ids(page), page.last_id, page.has_more]).toEqual([['e2', 'e3'], 'e1', true]);
  expect(list(emulator, 'limit=2')).toMatchObject({ last_id: 'e0', has_more: true });
});

test('has_more may come without a cursor', () => {
  const { emulator } = emulateWith({ kind: 'no_cursor' });
  const page = list(emulator, 'limit=2');
  expect([ids(page), page.last_id, page.has_more]).toEqual([['e0', 'e1'], null, true]);
});

test('an empty page may claim that there is more, with or without a cursor', () => {
  const { emulator } = emulateWith({ kind: 'empty_page' }, { kind: 'empty_page', cursor: true });
  expect(list(emulator, 'limit=2')).toMatchObject({ data: [], last_id: null, has_more: true });
  expect(list(emulator, 'limit=2')).toMatchObject({ data: [], last_id: 'e1', has_more: true });
});

test('a cursor or the time filters may be ignored', () => {
  const { emulator } = emulateWith({ kind: 'ignored_cursor' }, { kind: 'ignored_span' });
  expect(ids(list(emulator, 'limit=2&after=e1'))).toEqual(['e0', 'e1']);
  expect(ids(list(emulator, 'limit=2&effective_at[lt]=5'))).toEqual(['e0', 'e1']);
});

test('a body may be anything, or too long, or without a Date', () => {
  const { emulator } = emulateWith(
    { kind: 'body', body: '<html>', contentType: 'text/html' },
    { kind: 'oversized', bytes: 1_000_000 },
    { kind: 'headers', headers: { Date: null, 'x-more': 'yes' } },
  );
  expect(answer(emulator, PATH)).toMatchObject({
    status: 200,
    body: '<html>',
    headers: { 'content-type': 'text/html' },
  });
  const long = answer(emulator, PATH).body;
  expect(long).toHaveLength(1_000_000);
  expect(JSON.parse(long).data).toHaveLength(5);
  const { headers } = answer(emulator, PATH);
  expect(headers).not.toHaveProperty('date');
  expect(headers).toHaveProperty('x-more', 'yes');
});

test('any fault may be late', () => {
  const { emulator } = emulateWith({ kind: 'slow', delayMs: 700 }, { kind: 'status', status: 500, delayMs: 300 });
  expect(reply(emulator, PATH)).toMatchObject({ status: 200, delayMs: 700 });
  expect(reply(emulator, PATH)).toMatchObject({ status: 500, delayMs: 300 });
  expect(reply(emulator, PATH)).toMatchObject({ status: 200, delayMs: 0 });
});

function twoDocuments(body: string): [ReturnType<typeof list>, ReturnType<typeof list>] {
  const middle = body.indexOf('}{"object":"list"') + 1;
  return [JSON.parse(body.slice(0, middle)), JSON.parse(body.slice(middle))];
}
