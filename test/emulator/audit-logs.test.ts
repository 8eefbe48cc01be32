import { expect, test } from 'vitest';
import { answer, emulate, error, event, ids, list, START_S, walk } from './support/ask.ts';

const PATH = '/organization/audit_logs';

function withEvents(events: readonly Record<string, unknown>[]) {
  const { emulator, clock } = emulate();
  emulator.organization.append(events);
  return { emulator, clock };
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => event(`e${index}`, index));

test('lists newest first, 20 by default and 100 at most', () => {
  const { emulator } = withEvents(numbered(150));
  const page = list(emulator);
  expect(ids(page)).toEqual(Array.from({ length: 20 }, (_, index) => `e${index}`));
  expect(page).toMatchObject({ object: 'list', first_id: 'e0', last_id: 'e19', has_more: true });
  expect(list(emulator, 'limit=100').data).toHaveLength(100);
});

test.each(['0', '101', '-1', '1.5', 'many', ''])('answers 400 to limit=%s', limit => {
  const { emulator } = withEvents([]);
  expect(error(emulator, `${PATH}?limit=${limit}`)).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    param: 'limit',
  });
});

test('an empty page has neither first_id nor last_id', () => {
  const { emulator } = withEvents([]);
  expect(list(emulator)).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false });
});

test('the last page says that there is no more, also when it is full', () => {
  const { emulator } = withEvents(numbered(4));
  expect(list(emulator, 'limit=2&after=e1')).toMatchObject({ first_id: 'e2', last_id: 'e3', has_more: false });
});

test('each bound of effective_at holds to the second, with brackets plain or percent-encoded', () => {
  const { emulator } = withEvents(numbered(6));
  const at = (ago: number) => START_S - ago;
  expect(ids(list(emulator, `effective_at[gt]=${at(3)}`))).toEqual(['e0', 'e1', 'e2']);
  expect(ids(list(emulator, `effective_at%5Bgte%5D=${at(3)}`))).toEqual(['e0', 'e1', 'e2', 'e3']);
  expect(ids(list(emulator, `effective_at[lt]=${at(3)}`))).toEqual(['e4', 'e5']);
  expect(ids(list(emulator, `effective_at%5Blte%5D=${at(3)}`))).toEqual(['e3', 'e4', 'e5']);
  expect(ids(list(emulator, `effective_at[gte]=${at(4)}&effective_at[lt]=${at(2)}`))).toEqual(['e3', 'e4']);
  expect(ids(list(emulator, `effective_at[gt]=${at(1)}&effective_at[lt]=${at(1)}`))).toEqual([]);
});

test('filters by type, project, actor, email and resource, and by several at once', () => {
  const user = (name: string) => ({ id: `user-${name}`, email: `${name}@example.com` });
  const { emulator } = withEvents([
    event('login', 1, { actor: { type: 'session', session: { user: user('ada') } } }),
    event('key', 2, {
      type: 'api_key.created',
      project: { id: 'proj_1' },
      actor: { type: 'api_key', api_key: { id: 'key_9', type: 'user', user: user('ben') } },
      'api_key.created': { id: 'key_1' },
    }),
    event('robot', 3, {
      type: 'certificates.activated',
      actor: { type: 'api_key', api_key: { id: 'key_8', type: 'service_account', service_account: { id: 'svc_1' } } },
      'certificates.activated': { certificates: [{ id: 'cert_1' }, { id: 'cert_2' }] },
    }),
    event('nobody', 4, { actor: null, type: 'user.added', 'user.added': null }),
    event('odd', 5, { actor: { type: 'workload', workload: { user: { id: 'user-cy', email: 'cy@example.com' } } } }),
    event('bare', 6, { actor: { type: 'user', id: 'user-di' } }),
  ]);
  const found = (query: string) => ids(list(emulator, query));
  expect(found('event_types[]=user.added&event_types[]=api_key.created')).toEqual(['key', 'nobody']);
  expect(found('project_ids[]=proj_1')).toEqual(['key']);
  expect(found('actor_ids[]=user-ada')).toEqual(['login']);
  expect(found('actor_ids[]=key_9&actor_ids[]=svc_1')).toEqual(['key', 'robot']);
  expect(found('actor_ids[]=user-cy&actor_ids[]=user-di')).toEqual(['odd', 'bare']);
  expect(found('actor_emails[]=ben@example.com')).toEqual(['key']);
  expect(found('actor_emails[]=cy@example.com')).toEqual(['odd']);
  expect(found('resource_ids[]=cert_2&resource_ids[]=cert_1')).toEqual(['robot']);
  expect(found('resource_ids[]=key_1&actor_ids[]=user-ada')).toEqual([]);
});

test('tenant events stand in the tenant listing, and by option in both', () => {
  const { emulator } = withEvents([
    event('org', 1),
    event('tenant', 2, { type: 'tenant.user.added' }),
    event('bound', 3, { type: 'role.bound_to_resource' }),
  ]);
  expect(ids(list(emulator))).toEqual(['org']);
  expect(ids(list(emulator, 'tenant_only=false'))).toEqual(['org']);
  expect(ids(list(emulator, 'tenant_only=true'))).toEqual(['tenant', 'bound']);
  emulator.configure({ tenantInBoth: true });
  expect(ids(list(emulator))).toEqual(['org', 'tenant', 'bound']);
  expect(ids(list(emulator, 'tenant_only=true'))).toEqual(['tenant', 'bound']);
});

test.each([
  ['tenant_only=true&event_types[]=user.added', 'event_types'],
  ['event_types[]=moon.landed', 'event_types'],
  ['tenant_only=yes', 'tenant_only'],
  ['effective_at[gt]=yesterday', 'effective_at[gt]'],
  ['effective_at[near]=1', 'effective_at[near]'],
  ['after=unheard-of', 'after'],
  ['before=unheard-of', 'before'],
  ['order=asc', 'order'],
  ['limit=1&limit=2', 'limit'],
])('answers 400 to %s', (query, param) => {
  const { emulator } = withEvents([]);
  expect(error(emulator, `${PATH}?${query}`)).toMatchObject({ status: 400, param, type: 'invalid_request_error' });
});

test('a type that the organization has can be asked for, documented or not', () => {
  const { emulator } = withEvents([event('moon', 1, { type: 'moon.landed' })]);
  expect(ids(list(emulator, 'event_types[]=moon.landed'))).toEqual(['moon']);
});

test('unknown parameters pass when the settings say so', () => {
  const { emulator } = withEvents(numbered(2));
  emulator.configure({ unknownParameters: 'ignore' });
  expect(ids(list(emulator, 'order=asc'))).toEqual(['e0', 'e1']);
});

test('after goes on below its event although newer ones arrive meanwhile', () => {
  const { emulator } = withEvents(numbered(6));
  expect(ids(list(emulator, 'limit=2'))).toEqual(['e0', 'e1']);
  emulator.organization.append([event('newer', -1), event('same second as e1', 1), event('late', 3)]);
  expect(ids(list(emulator, 'limit=3&after=e1'))).toEqual(['e2', 'late', 'e3']);
});

test('before gives the page that ends at its event', () => {
  const { emulator } = withEvents(numbered(6));
  expect(list(emulator, 'limit=2&before=e4')).toMatchObject({ first_id: 'e2', last_id: 'e3', has_more: true });
  expect(list(emulator, 'limit=9&before=e2')).toMatchObject({ first_id: 'e0', last_id: 'e1', has_more: false });
});

test('a cursor whose event vanished keeps its place, or is refused, or ends the listing', () => {
  const { emulator } = withEvents(numbered(5));
  emulator.organization.vanish(['e2']);
  expect(ids(list(emulator, 'after=e2'))).toEqual(['e3', 'e4']);
  emulator.configure({ vanishedCursor: 404 });
  expect(error(emulator, `${PATH}?after=e2`)).toMatchObject({ status: 404, param: 'after' });
  emulator.configure({ vanishedCursor: 400 });
  expect(error(emulator, `${PATH}?after=e2`)).toMatchObject({ status: 400, param: 'after' });
  emulator.configure({ vanishedCursor: 'empty' });
  expect(list(emulator, 'after=e2')).toMatchObject({ data: [], has_more: false });
  expect(ids(list(emulator, 'after=e1'))).toEqual(['e3', 'e4']);
});

test.each(['ascending', 'shuffled'] as const)(
  'a walk through a listing that is %s still finds every event once',
  order => {
    const { emulator } = withEvents(numbered(50));
    emulator.configure({ order });
    const walked = walk(emulator, 'limit=7').map(({ id }) => id);
    expect(walked.toSorted()).toEqual(
      numbered(50)
        .map(({ id }) => id)
        .toSorted(),
    );
    const descending = numbered(50).map(({ id }) => id);
    expect(walked).not.toEqual(descending);
    if (order === 'ascending') expect(walked).toEqual(descending.toReversed());
  },
);

test('an organization that never switched audit logging on has an empty list', () => {
  const { emulator } = withEvents(numbered(3));
  emulator.configure({ auditLogging: false });
  expect(list(emulator)).toMatchObject({ data: [], has_more: false });
});

test('an event is listed as it was given, unknown fields and missing ones included', () => {
  const odd = { type: 'moon.landed', future_field: { deep: [1, null] }, 'moon.landed': null, actor: null };
  const { emulator } = withEvents([odd]);
  const page = list(emulator);
  expect(page.data).toEqual([odd]);
  expect(page.last_id).toEqual(expect.any(String));
});

test('says what time the organization has, and names each request', async () => {
  const { emulator, clock } = withEvents([]);
  await clock.advance(61_000);
  const first = answer(emulator, PATH).headers;
  expect(first.date).toBe('Sun, 22 Nov 2026 12:01:01 GMT');
  expect(first['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  expect(answer(emulator, PATH).headers['x-request-id']).not.toBe(first['x-request-id']);
});
