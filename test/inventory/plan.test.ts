import { describe, expect, it } from 'vitest';
import { explains, touches, traceOf } from '../../src/inventory/audit-trace.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { listsBelow, topLists } from '../../src/inventory/list.ts';
import { durationMs, isDue, type ListState, reportIntervalMs } from '../../src/inventory/plan.ts';
import { snapshotOf } from '../../src/inventory/snapshot.ts';
import { kindOf } from '../support/inventory-crawl.ts';

const HOUR_MS = 3_600_000;
const ORGANIZATION = { 'organization.id': 'org-1' };
const PROJECT = { kind: 'project', id: { 'project.id': 'proj_1' } };
const [users, groups] = ['/organization/users', '/organization/groups'].map(
  path => topLists(KINDS, ORGANIZATION).find(list => list.path === path) ?? expect.fail(path),
) as [ReturnType<typeof topLists>[0], ReturnType<typeof topLists>[0]];
const limits =
  listsBelow(KINDS, PROJECT, ORGANIZATION).find(({ kind }) => kind.name === 'rate_limit') ?? expect.fail('rate_limit');
const read: ListState = { attemptedAtMs: 0, state: 'complete', items: 1, requests: 1, missing: {}, reading: 0 };

describe('a list', () => {
  it('is due in each reading, in every sixth where it seldom changes, or once a day where it costs much', () => {
    const at = (hours: number) => ({ startedAtMs: hours * HOUR_MS });
    expect([1, 2].map(hours => isDue(users, read, at(hours), HOUR_MS))).toEqual([true, true]);
    expect([1, 5, 6].map(hours => isDue(groups, read, at(hours), HOUR_MS))).toEqual([false, false, true]);
    expect([6, 23, 24].map(hours => isDue(limits, read, at(hours), HOUR_MS))).toEqual([false, false, true]);
  });

  it('is due at once when it was never read, or not whole', () => {
    expect(isDue(groups, undefined, { startedAtMs: 1 }, HOUR_MS)).toBe(true);
    expect(isDue(groups, { ...read, state: 'incomplete' }, { startedAtMs: 1 }, HOUR_MS)).toBe(true);
  });

  it('is not read twice by one reading, also when that goes on after a restart', () => {
    const reading = { startedAtMs: 9 * HOUR_MS, isForced: true } as const;
    expect(isDue(users, read, reading, HOUR_MS)).toBe(true);
    expect(isDue(users, { ...read, reading: 9 * HOUR_MS }, reading, HOUR_MS)).toBe(false);
  });

  it('tells of its things within twice the longer of its period and the last reading', () => {
    expect(reportIntervalMs(users, HOUR_MS, 0)).toBe(2 * HOUR_MS);
    expect(reportIntervalMs(users, HOUR_MS, 3 * HOUR_MS)).toBe(6 * HOUR_MS);
  });
});

it('a reading takes as long as its slowest route', () => {
  const requests = new Map([
    ['a', 100],
    ['b', 30],
  ]);
  expect(durationMs(requests, route => (route === 'b' ? 1 : 10))).toBe(30 * 60_000);
});

describe('an audit event', () => {
  const event = {
    type: 'api_key.created',
    project: { id: 'proj_1', name: 'One' },
    actor: { type: 'session', session: { user: { id: 'user-9' } } },
    'api_key.created': { id: 'key_1', data: { scopes: ['x'] } },
  };
  const trace = traceOf('audit_log-1', 'api_key.created', 5, event);
  const below = listsBelow(KINDS, PROJECT, ORGANIZATION);

  it('touches the lists of its project, and no other', () => {
    expect(below.filter(list => touches(trace, list)).map(({ path }) => path)).toEqual([
      '/organization/projects/proj_1/api_keys',
    ]);
    const other = listsBelow(KINDS, { ...PROJECT, id: { 'project.id': 'proj_2' } }, ORGANIZATION);
    expect(other.filter(list => touches(trace, list))).toEqual([]);
  });

  it('explains what it names, and nothing of who did it', () => {
    const kind = kindOf('/organization/projects/{project_id}/api_keys');
    expect(explains(trace, kind, { 'api_key.id': 'key_1' })).toBe(true);
    expect(explains(trace, kind, { 'api_key.id': 'key_2' })).toBe(false);
    expect(explains(trace, kind, { 'api_key.id': 'user-9' })).toBe(false);
  });

  it('of a user who left explains the membership in every project', () => {
    const left = traceOf('audit_log-2', 'user.deleted', 5, { 'user.deleted': { id: 'user-1' } });
    const kind = kindOf('/organization/projects/{project_id}/users');
    expect(explains(left, kind, { 'project.id': 'proj_7', 'user.id': 'user-1' })).toBe(true);
    expect(explains(left, kind, { 'project.id': 'proj_7', 'user.id': 'user-2' })).toBe(false);
  });
});

it('a snapshot counts by kind, and says what was not read whole', () => {
  const states = [
    [users, read],
    [groups, { ...read, state: 'unavailable', why: 'forbidden', requests: 2 }],
  ] as const;
  expect(snapshotOf(['user b', 'user a', 'project p'], states, states)).toEqual({
    counts: { user: 2, project: 1 },
    // printf 'project p\nuser a\nuser b\n' | sha256sum
    digest: '63a72acc19bc01dd874697d80b40b5ebe47ee77134f060dc935630545db37f70',
    complete: false,
    missing: ['group: forbidden'],
    lists: 2,
    requests: 3,
  });
});

it('a snapshot says what an earlier reading did not read whole, and what is missing for the first time', () => {
  const forbidden: ListState = { ...read, state: 'unavailable', why: 'forbidden' };
  const all = [
    [users, { ...read, missing: { 'user-1': 5 } }],
    [groups, forbidden],
  ] as const;
  const { complete, missing, lists } = snapshotOf([], all, all.slice(0, 1));
  expect({ complete, missing, lists }).toEqual({
    complete: false,
    missing: ['group: forbidden', 'user: unconfirmed'],
    lists: 1,
  });
});
