import { describe, expect, test } from 'vitest';
import { type ListOutcome, type ListRequest, readList } from '../../src/api/inventory.ts';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import type { Fault } from '../../src/emulator/fault.ts';
import { clientOf } from '../support/emulated-client.ts';

const USERS: ListRequest = {
  path: '/organization/users',
  route: '/organization/users',
  query: {},
  pages: 'last_id',
  pageSize: 10,
  key: 'id',
  notFoundIsNone: false,
  refusesArchived: false,
  priority: 'inventory',
  caller: 'test',
};
const GROUPS: ListRequest = { ...USERS, path: '/organization/groups', route: '/organization/groups', pages: 'next' };
const RETENTION: ListRequest = { ...USERS, path: '/organization/data_retention', pages: 'single' };
const EVER = 1000;

function emulate(...faults: Fault[]): Emulator {
  const size = { projects: 8, users: 35, groups: 35 };
  const content = { kind: 'story', seed: 'lists', historyMs: 0, size } as const;
  const emulator = createEmulator({ content, startMs: Date.parse('2026-11-22T12:00:00Z') });
  emulator.addFaults(faults);
  return emulator;
}

function read(emulator: Emulator, request: ListRequest, key?: string): Promise<ListOutcome> {
  return readList(clientOf(emulator, key), request, AbortSignal.any([]));
}

function idsOf(outcome: ListOutcome): readonly unknown[] {
  return outcome.state === 'unavailable' ? [] : outcome.items.map(({ id }) => id);
}

/** What a style's list holds, by the emulator's own books. */
function truth(emulator: Emulator, request: ListRequest): readonly string[] {
  const { estate } = emulator.organization;
  return (request === USERS ? estate.users : estate.stock('group')).map(({ id }) => id);
}

describe.each([
  ['last_id', USERS],
  ['next', GROUPS],
])('a list that goes on with %s', (_, request) => {
  test('is read to its end, and no further', async () => {
    const emulator = emulate();
    const outcome = await read(emulator, request);
    expect(outcome).toMatchObject({ state: 'complete', pages: 4, requests: 4 });
    expect(idsOf(outcome)).toEqual(truth(emulator, request));
    const targets = emulator.requests.last().map(({ target }) => target);
    expect(targets.filter(target => target.includes('after='))).toHaveLength(3);
    expect(targets.every(target => target.includes('limit=10'))).toBe(true);
  });

  test.each<[Fault['kind'], Fault]>([
    ['status', { kind: 'status', status: 503, skip: 1 }],
    ['status', { kind: 'status', status: 429, skip: 2, times: 3 }],
    ['reset', { kind: 'reset' }],
    ['truncated', { kind: 'truncated', skip: 1 }],
    ['body', { kind: 'body', body: '<html>', skip: 1 }],
    ['body', { kind: 'body', body: '{"object":"list","data":[{"name":"no id"}],"has_more":false}' }],
    ['two_documents', { kind: 'two_documents', skip: 1 }],
    ['repeated_cursor', { kind: 'repeated_cursor', skip: 1 }],
    ['no_cursor', { kind: 'no_cursor', skip: 1 }],
    ['empty_page', { kind: 'empty_page', skip: 1 }],
    ['ignored_cursor', { kind: 'ignored_cursor', skip: 1 }],
    ['moved_items', { kind: 'moved_items', by: -3, skip: 1 }],
  ])('is complete all the same after %s for a while', async (_kind, fault) => {
    const emulator = emulate(fault);
    const outcome = await read(emulator, request);
    expect(outcome.state).toBe('complete');
    expect([...idsOf(outcome)].toSorted()).toEqual([...truth(emulator, request)].toSorted());
    expect(emulator.pendingFaults()).toEqual([]);
  });

  test.each<[string, Fault]>([
    ['limited', { kind: 'status', status: 429 }],
    ['failed', { kind: 'status', status: 500 }],
    ['failed', { kind: 'hang' }],
    ['failed', { kind: 'truncated' }],
    ['malformed', { kind: 'body', body: '{"object":"list"}' }],
    ['malformed', { kind: 'body', body: '{"object":"list","data":[]}' }],
    ['malformed', { kind: 'body', body: '[]' }],
    ['malformed', { kind: 'body', body: '{"object":"list","data":["x"],"has_more":false}' }],
    ['malformed', { kind: 'two_documents' }],
    ['malformed', { kind: 'oversized', bytes: 40_000_000 }],
    ['refused', { kind: 'status', status: 400 }],
    ['repeated_cursor', { kind: 'repeated_cursor' }],
    ['repeated_cursor', { kind: 'ignored_cursor' }],
    ['empty_page', { kind: 'empty_page' }],
    ['empty_page', { kind: 'empty_page', cursor: true }],
  ])('ends as incomplete, %s, after so much of %j', async (why, fault) => {
    const emulator = emulate({ ...fault, skip: why === 'refused' ? 0 : 1, times: EVER });
    const outcome = await read(emulator, request);
    expect(outcome).toMatchObject({ state: 'incomplete', why });
    expect(idsOf(outcome).length).toBeLessThan(truth(emulator, request).length);
    expect(outcome.requests).toBeLessThan(20);
  });

  test('is read again where it moved, until two readings agree', async () => {
    const emulator = emulate({ kind: 'moved_items', by: -2, times: EVER });
    const outcome = await read(emulator, request);
    expect(outcome.state).toBe('complete');
    expect(idsOf(outcome)).toEqual(truth(emulator, request));
    expect(outcome.requests).toBeGreaterThanOrEqual(8);
  });

  test('is begun again where the API does not take its own cursor', async () => {
    const emulator = emulate({ kind: 'status', status: 404, skip: 1 });
    expect(await read(emulator, request)).toMatchObject({ state: 'complete', requests: 6 });
    emulator.addFaults([{ kind: 'status', status: 400, query: 'after=', times: EVER }]);
    expect(await read(emulator, request)).toMatchObject({ state: 'incomplete', why: 'lost_cursor' });
  });

  test.each([
    ['forbidden', 403],
    ['not_found', 404],
    ['no_such_route', 405],
  ])('is unavailable, %s, where the API answers %i', async (why, status) => {
    const outcome = await read(emulate({ kind: 'status', status }), request);
    expect(outcome).toMatchObject({ state: 'unavailable', why, requests: 1 });
  });

  test('asks for less where a page is too large', async () => {
    const emulator = emulate({ kind: 'oversized', bytes: 40_000_000, query: 'limit=10', times: EVER });
    const outcome = await read(emulator, request);
    expect(outcome.state).toBe('complete');
    expect(idsOf(outcome)).toEqual(truth(emulator, request));
    expect(emulator.requests.last().at(-1)?.target).toContain('limit=5');
  });
});

test('without last_id a list goes on behind its last item; without next it does not', async () => {
  const emulator = emulate({ kind: 'no_cursor', times: 3 });
  const users = await read(emulator, USERS);
  expect(users).toMatchObject({ state: 'complete', requests: 4 });
  expect(idsOf(users)).toEqual(truth(emulator, USERS));
  emulator.addFaults([{ kind: 'no_cursor', times: EVER }]);
  expect(await read(emulator, GROUPS)).toMatchObject({ state: 'incomplete', why: 'no_cursor' });
});

test('a list without anything is complete', async () => {
  const emulator = createEmulator({ content: { kind: 'events', events: [] } });
  expect(await read(emulator, USERS)).toEqual({ state: 'complete', items: [], pages: 1, requests: 1 });
  expect(await read(emulator, GROUPS)).toEqual({ state: 'complete', items: [], pages: 1, requests: 1 });
});

test('a single object is a list of one, and asks for no page', async () => {
  const emulator = emulate();
  const item = { object: 'organization.data_retention', type: 'modified_abuse_monitoring' };
  expect(await read(emulator, RETENTION)).toEqual({ state: 'complete', items: [item], pages: 1, requests: 1 });
  expect(emulator.requests.last()[0]?.target).toBe('/v1/organization/data_retention');
});

test.each(['{}', '[]', '{"object":"list","data":[],"has_more":false}'])('%s is no single object', async body => {
  const outcome = await read(emulate({ kind: 'body', body, times: EVER }), RETENTION);
  expect(outcome).toMatchObject({ state: 'incomplete', why: 'malformed', items: [] });
});

test('a 400 means archived only where it is documented, or said', async () => {
  const error = (message: string) =>
    ({ kind: 'status', status: 400, body: JSON.stringify({ error: { message } }) }) as const;
  const archived = { state: 'unavailable', why: 'archived' };
  expect(await read(emulate(error('no')), USERS)).toMatchObject({ state: 'incomplete', why: 'refused' });
  expect(await read(emulate(error('no')), { ...USERS, refusesArchived: true })).toMatchObject(archived);
  expect(await read(emulate(error('The project is archived.')), USERS)).toMatchObject(archived);
});

test('a 404 means that there is none only where that is said of the list', async () => {
  const missing = { kind: 'status', status: 404 } as const;
  expect(await read(emulate(missing), RETENTION)).toMatchObject({ state: 'unavailable', why: 'not_found' });
  const outcome = await read(emulate(missing), { ...RETENTION, notFoundIsNone: true });
  expect(outcome).toEqual({ state: 'complete', items: [], pages: 1, requests: 1 });
});

test('an item that is nested thousands deep is malformed, and nothing worse', async () => {
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  const body = `{"object":"list","data":[{"id":"a","deep":${deep}}],"has_more":false}`;
  const outcome = await read(emulate({ kind: 'body', body, times: EVER }), USERS);
  expect(outcome).toMatchObject({ state: 'incomplete', why: 'malformed' });
});

test('a route that the API does not have is no list without anything', async () => {
  const outcome = await read(emulate(), { ...USERS, path: '/organization/moons' });
  expect(outcome).toMatchObject({ state: 'unavailable', why: 'no_such_route' });
});

test('no number is rounded', async () => {
  const body =
    '{"object":"list","data":[{"id":"a","amount":12345678901234567890,"at":9007199254740993}],"has_more":false}';
  const outcome = await read(emulate({ kind: 'body', body }), USERS);
  expect(outcome).toMatchObject({ items: [{ amount: '12345678901234567890', at: 9_007_199_254_740_993n }] });
});

test('a refused key is thrown, since it is no matter of the list', async () => {
  await expect(read(emulate(), USERS, 'sk-admin-wrong')).rejects.toMatchObject({ kind: 'misconfigured', status: 401 });
  await expect(read(emulate({ kind: 'status', status: 302 }), USERS)).rejects.toMatchObject({ status: 302 });
});
