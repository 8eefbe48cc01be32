import { expect, it } from 'vitest';
import { createFindNames } from '../../src/enrichment/names.ts';
import { packed } from '../../src/inventory/thing.ts';
import { createLogger } from '../../src/log.ts';
import type { InventoryChange } from '../../src/storage/inventory-storage.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const THINGS = [
  { id: 'proj_1', kind: 'project', name: 'Alpha' },
  { id: 'proj_1/rl-o3', kind: 'rate_limit', name: 'o3' },
  { id: 'proj_2/rl-o3', kind: 'rate_limit', name: 'of another project' },
  {
    id: 'user-1',
    kind: 'user',
    name: 'Ada Lovelace',
    content: '{"description":{"email":"ada@example.com"}}',
    goneAtMs: 5,
  },
  { id: 'key_1', kind: 'admin_api_key', name: 'of the past', goneAtMs: 5 },
  { id: 'key_1', kind: 'api_key', name: 'ci deploy' },
  { id: 'inv_1', kind: 'invite', name: 'bob@example.com' },
  { id: 'role_1', kind: 'role', name: 'Auditor' },
  { id: 'grp_1', kind: 'group', name: 'grp_1' },
  { id: 'grp_2', kind: 'group', name: 'x'.repeat(2_000) },
] as const;

function start(inventory: Partial<Parameters<typeof createFindNames>[0]> = {}) {
  const asked: (readonly string[])[] = [];
  const lines: string[] = [];
  const log = createLogger({
    level: 'warn',
    format: 'text',
    clock: createFakeClock(),
    write: line => void lines.push(line),
  });
  const find = createFindNames(
    {
      isEmpty: async () => false,
      under: async ids => {
        asked.push(ids);
        return THINGS.filter(({ id }) => ids.includes(id));
      },
      ...inventory,
    },
    log,
  );
  return { find, asked, lines };
}

it('finds what an event mentions, of what is gone too, and nothing else', async () => {
  const { find } = start();
  const event = {
    project: { id: 'proj_1' },
    actor: { type: 'session', session: { user: { id: 'user-1' } } },
    'x.y': { id: 'key_1', data: [{ id: 'rl-o3' }], text: 'inv_1, grp_1,grp_2' },
  };
  expect(await find([event])).toEqual([
    {
      'project.name': { proj_1: 'Alpha' },
      'user.full_name': { 'user-1': 'Ada Lovelace' },
      'user.email': { 'user-1': 'ada@example.com', inv_1: 'bob@example.com' },
      'api_key.name': { key_1: 'ci deploy' },
      name: { 'rl-o3': 'o3' },
    },
  ]);
});

it('asks once for many events, each id once, and keeps what belongs to which', async () => {
  const { find, asked } = start();
  const found = await find([{ id: 'role_1' }, { id: 'unknown' }, ['role_1', 'proj_1'], null]);
  expect(found).toEqual([
    { name: { role_1: 'Auditor' } },
    undefined,
    { name: { role_1: 'Auditor' }, 'project.name': { proj_1: 'Alpha' } },
    undefined,
  ]);
  expect(asked).toEqual([['role_1', 'unknown', 'proj_1']]);
});

it('asks nothing where nothing can be an id', async () => {
  const { find, asked } = start();
  expect(await find([{ says: 'two words', n: 1, is: true, x: 'ab' }, 'a b'])).toEqual([]);
  expect(asked).toEqual([]);
});

it('asks for a bounded number of ids, however large and deep an event is', async () => {
  const { find, asked } = start();
  let deep: unknown = 'too-deep';
  for (let i = 0; i < 10_000; i += 1) deep = [deep];
  await find([{ many: Array.from({ length: 9_000 }, (_, i) => `id_${i}`), list: 'a1b,'.repeat(9_000), deep }]);
  expect(asked.flat()).toHaveLength(500);
});

it('looks for nothing in an event while the inventory is empty', async () => {
  const { find, asked } = start({ isEmpty: async () => true });
  expect(await find([{ id: 'role_1' }])).toEqual([]);
  expect(asked).toEqual([]);
});

it('goes on without names when the inventory cannot answer', async () => {
  const { find, lines } = start({ under: () => Promise.reject(new Error('disk I/O error')) });
  expect(await find([{ id: 'role_1' }])).toEqual([]);
  expect(lines.join('')).toContain('disk I/O error');
});

it('knows no names of what JavaScript adds to objects', async () => {
  const { find } = start({ under: async () => [{ id: '__proto__', kind: 'role', name: 'Auditor' }] });
  const [names] = await find([{ id: '__proto__' }]);
  expect(Object.keys(names?.name ?? {})).toEqual(['__proto__']);
  expect(({} as { role?: unknown }).role).toBe(undefined);
});

it('knows the name and mail address of whom the inventory lost since', async () => {
  const storage = await openStorage(':memory:');
  const content = packed({
    kind: 'user',
    form: 'node',
    id: { 'user.id': 'user-1' },
    name: 'Ada Lovelace',
    description: { id: 'user-1', email: 'ada@example.com' },
    relations: [],
  });
  const thing = { kind: 'user', id: 'user-1', list: '/users', name: 'Ada Lovelace', firstSeenMs: 1, facts: '{}' };
  const { find } = start({ under: ids => storage.inventoryUnder('acme', ids) });
  const findAfter = async (change: Pick<InventoryChange, 'change' | 'content' | 'before'>, seq: number) => {
    await storage.recordInventory('acme', [{ ...thing, ...change, atMs: seq }], [{ list: '/users', state: `${seq}` }]);
    const before = await find(['user-1']);
    await storage.settleInventory('acme', [{ seq, fate: 'acknowledged' }]);
    return [before, await find(['user-1'])];
  };
  const known = [{ 'user.full_name': { 'user-1': 'Ada Lovelace' }, 'user.email': { 'user-1': 'ada@example.com' } }];
  expect(await findAfter({ change: 'added', content }, 1)).toEqual([[undefined], known]);
  expect(await findAfter({ change: 'removed', before: content }, 2)).toEqual([known, known]);
  expect(await storage.inventory('acme')).toEqual([]);
  await storage.close();
});
