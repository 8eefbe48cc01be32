import { expect, test } from 'vitest';
import { answer, emulate, error, event, START_MS } from './support/ask.ts';

const DAY_MS = 86_400_000;

function story() {
  return emulate({ content: { kind: 'story', seed: 'inventory', historyMs: 10 * DAY_MS } }).emulator;
}

const read = (emulator: ReturnType<typeof story>, path: string) => JSON.parse(answer(emulator, path).body);

test('pages through users with after and limit', () => {
  const emulator = story();
  const all = read(emulator, '/organization/users?limit=100');
  expect(all).toMatchObject({ object: 'list', has_more: false, first_id: all.data[0].id, last_id: all.data.at(-1).id });
  expect(all.data.length).toBeGreaterThan(20);
  const first = read(emulator, '/organization/users');
  expect([first.data.length, first.has_more]).toEqual([20, true]);
  const second = read(emulator, `/organization/users?limit=100&after=${first.last_id}`);
  expect([...first.data, ...second.data]).toEqual(all.data);
});

test('finds users by email, and one by its id', () => {
  const emulator = story();
  const [user] = read(emulator, '/organization/users?limit=1').data;
  expect(read(emulator, `/organization/users?emails%5B%5D=${user.email}`).data).toEqual([user]);
  expect(read(emulator, `/organization/users/${user.id}`)).toEqual(user);
  expect(user).toMatchObject({ object: 'organization.user', id: expect.stringMatching(/^user-\w{24}$/) });
  expect(error(emulator, '/organization/users/user-none')).toMatchObject({ status: 404, param: 'user_id' });
});

test('lists archived projects only when asked', () => {
  const emulator = emulate({ content: { kind: 'story', seed: 'archive', historyMs: 30 * DAY_MS } }).emulator;
  const active = read(emulator, '/organization/projects?limit=100').data;
  const all = read(emulator, '/organization/projects?limit=100&include_archived=true').data;
  const statuses = (list: readonly { status: string }[]) => [...new Set(list.map(({ status }) => status))].toSorted();
  expect(statuses(active)).toEqual(['active']);
  expect(statuses(all)).toEqual(['active', 'archived']);
  for (const project of all) {
    expect(project.archived_at === null).toBe(project.status === 'active');
    expect(read(emulator, `/organization/projects/${project.id}`)).toEqual(project);
  }
});

test.each(['users', 'projects'])('answers 400 to a bad limit or cursor of %s', kind => {
  const emulator = story();
  expect(error(emulator, `/organization/${kind}?limit=101`)).toMatchObject({ status: 400, param: 'limit' });
  expect(error(emulator, `/organization/${kind}?after=unheard-of`)).toMatchObject({ status: 400, param: 'after' });
});

test('everybody who acts was there, and everybody who is there can be looked up', () => {
  const emulator = story();
  const known = new Set(read(emulator, '/organization/users?limit=100').data.map(({ id }: { id: string }) => id));
  const dayAgo = START_MS / 1000 - 3600;
  const recent = read(emulator, `/organization/audit_logs?limit=100&effective_at[gt]=${dayAgo}`).data;
  const actors = recent.map((each: { actor?: { session?: { user: { id: string } } } }) => each.actor?.session?.user.id);
  const left = read(emulator, '/organization/audit_logs?limit=100&event_types[]=user.deleted').data;
  const gone = new Set(left.map((each: Record<string, { id: string }>) => each['user.deleted']?.id));
  for (const id of actors.filter(Boolean)) expect(known.has(id) || gone.has(id)).toBe(true);
});

test('an organization given by its events has the people and projects that they mention', () => {
  const user = { id: 'user-ada', email: 'ada@example.com' };
  const events = [
    event('1', 10, { actor: { session: { user } }, project: { id: 'proj_1', name: 'One' } }),
    event('2', 5, { actor: null }),
  ];
  const { emulator } = emulate({ content: { kind: 'events', events } });
  expect(read(emulator, '/organization/users').data).toMatchObject([{ ...user, added_at: START_MS / 1000 - 10 }]);
  expect(read(emulator, '/organization/projects').data).toMatchObject([
    { id: 'proj_1', name: 'One', status: 'active' },
  ]);
});
