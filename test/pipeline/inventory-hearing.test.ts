import { expect, it } from 'vitest';
import { KINDS } from '../../src/inventory/kinds.ts';
import { AuditTraces } from '../../src/pipeline/audit-traces.ts';
import { InventoryHearing } from '../../src/pipeline/inventory-hearing.ts';
import { InventoryLists } from '../../src/pipeline/inventory-lists.ts';
import type { InventoryItem } from '../../src/storage/inventory-storage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const PROJECTS = ['proj_1', 'proj_2'];
const MEMBERS = (project: string) => `/organization/projects/${project}/users`;

const ROLES = '/projects/proj_2/users/user-2/roles';

function item(kind: string, id: string, list: string): InventoryItem {
  return { kind, id, list, content: '{}', firstSeenMs: 0, reportedMs: 0 };
}

const KNOWN = [
  item('project_member', 'proj_1/user-1', MEMBERS('proj_1')),
  item('project_member', 'proj_2/user-2', MEMBERS('proj_2')),
  item('role_assignment', 'proj_2/user-2/role-1', ROLES),
];

function hearing() {
  const clock = createFakeClock();
  const lists = new InventoryLists(KINDS, { 'organization.id': 'acme' });
  for (const id of PROJECTS) lists.add({ kind: 'project', id: { 'project.id': id } }, false);
  lists.add({ kind: 'project_member', id: { 'project.id': 'proj_2', 'user.id': 'user-2' } }, false);
  const read = {
    attemptedAtMs: clock.nowMs(),
    state: 'complete',
    items: 1,
    requests: 1,
    missing: {},
    reading: 0,
  } as const;
  for (const list of lists.all) lists.keep(list, read);
  const asked: string[] = [];
  const wanted = new Set<string>();
  const settings = {
    clock,
    want: ({ path }: { readonly path: string }) => wanted.add(path),
    async known(kind: string) {
      asked.push(kind);
      return KNOWN.filter(each => each.kind === kind);
    },
  };
  const ear = new InventoryHearing(settings, lists, new AuditTraces());
  const nowS = clock.nowMs() / 1000;
  const hear = (payload: object, type = 'user.deleted', ageS = 0) =>
    ear.hear('audit_log-1', type, nowS - ageS, JSON.stringify({ [type]: payload }));
  return { hear, asked, wanted: () => [...wanted].toSorted() };
}

it('wants the lists that hold something an event names, wherever that is', async () => {
  const { hear, wanted } = hearing();
  await hear({ id: 'user-1' });
  expect(wanted()).toEqual([MEMBERS('proj_1'), '/organization/users'].toSorted());
});

it('wants what lies below a project only for more than the project', async () => {
  const { hear, wanted } = hearing();
  await hear({ principal_id: 'user-9', resource_id: 'proj_2' }, 'role.assignment.created');
  expect(wanted()).not.toContain(ROLES);
  await hear({ principal_id: 'user-9', role_id: 'role-1', resource_id: 'proj_2' }, 'role.assignment.deleted');
  expect(wanted()).toContain(ROLES);
});

it('looks once for all that comes together, however much that is', async () => {
  const { hear, asked, wanted } = hearing();
  await Promise.all(Array.from({ length: 500 }, (_, i) => hear({ id: `user-${i % 3}` })));
  expect(asked).toEqual([...new Set(asked)]);
  expect(wanted()).toEqual([...PROJECTS.map(MEMBERS), '/organization/users'].toSorted());
});

it('wants nothing for what happened before everything was read', async () => {
  const { hear, wanted } = hearing();
  await hear({ id: 'user-1' }, 'user.deleted', 600);
  await hear({ id: 'user-1' }, 'user.deleted', 8_000);
  expect(wanted()).toEqual([]);
});
