import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/emulator/catalogue.ts';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { crawl, graphOf, sorted } from '../support/inventory-crawl.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 86_400_000;

function emulate(seed: string, size = {}): Emulator {
  return createEmulator({ content: { kind: 'story', seed, historyMs: 20 * DAY_MS, size }, startMs: START_MS });
}

async function read(emulator: Emulator) {
  return graphOf(await crawl(emulator), emulator.organization.estate.organizationId);
}

test.each(['1', '2', 'demo'])('reading all lists comes to all that exists, from seed %s', async seed => {
  const emulator = emulate(seed);
  const truth = sorted(emulator.organization.graph());
  expect(truth.nodes.length).toBeGreaterThan(200);
  expect(await read(emulator)).toEqual(truth);
});

test('whatever happens, reading all lists comes to all that exists then', async () => {
  const emulator = emulate('acts');
  for (let round = 0; round < 4; round += 1) {
    for (const type of EVENT_TYPES) emulator.organization.act(type);
    expect(await read(emulator)).toEqual(sorted(emulator.organization.graph()));
  }
});

test('a truth of another moment is another one', async () => {
  const emulator = emulate('1');
  const before = sorted(emulator.organization.graph());
  emulator.organization.act('role.assignment.created');
  emulator.organization.act('user.added');
  expect(await read(emulator)).not.toEqual(before);
});

test('a crawl costs as many requests as there are lists, and pages beyond the first', async () => {
  const emulator = emulate('size', { projects: 20, users: 150, groups: 12 });
  const { lists } = await crawl(emulator);
  const { estate } = emulator.organization;
  const [users, projects, groups] = [estate.users.length, estate.projects.length, estate.stock('group').length];
  const providers = estate.stock('identity_provider').length;
  const open = estate.projects.filter(({ archivedAt }) => archivedAt === null);
  const members = open.reduce((sum, { members }) => sum + members.size, 0);
  const projectGroups = estate.projects.reduce((sum, { groups }) => sum + groups.size, 0);
  const wanted = 13 + 13 * projects + users + 2 * groups + providers + members + projectGroups;
  expect(lists).toHaveLength(wanted);
  const further = lists.reduce((sum, { outcome }) => sum + outcome.requests - 1, 0);
  // The users, and the projects' keys that stand among the admin keys.
  expect(further).toBe(1 + Math.ceil(keysOf(emulator) / 100) - 1);
  expect(emulator.requests.total).toBe(wanted + further);
});

function keysOf({ organization: { estate } }: Emulator): number {
  return estate.stock('admin_api_key').length + estate.stock('api_key').length;
}
