import { describe, expect, it } from 'vitest';
import type { InventoryChange, InventoryItem } from '../../src/storage/inventory-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';

const USERS = '/organization/users';
const acknowledged = (...seqs: number[]) => seqs.map(seq => ({ seq, fate: 'acknowledged' as const }));
const refused = { reason: 'refused', message: 'too long', certain: true, atMs: 99 };

/** A user who is there. */
export function thing(id: string, change: Partial<InventoryChange> = {}): InventoryChange {
  return {
    kind: 'user',
    id,
    list: USERS,
    name: `Name of ${id} 🦊`,
    change: 'added',
    atMs: 1000,
    firstSeenMs: 1000,
    content: `{"id":"${id}"}`,
    facts: '{}',
    ...change,
  };
}

function gone(id: string, atMs: number): InventoryChange {
  const { content: before = '', ...rest } = thing(id, { change: 'removed', atMs });
  return { ...rest, before };
}

function ids(items: readonly Pick<InventoryItem, 'id'>[]): string[] {
  return items.map(({ id }) => id).toSorted();
}

/** What every implementation does with the inventory. */
export function keepsInventory(open: () => Promise<{ storage: Storage; reopen(): Promise<Storage> }>): void {
  describe('the inventory', () => {
    const record = (storage: Storage, changes: readonly InventoryChange[], state = String(Math.random())) =>
      storage.recordInventory('acme', changes, [{ list: USERS, state }]);

    it('is empty at first', async () => {
      const { storage } = await open();
      expect(await storage.inventory('acme')).toEqual([]);
      expect(await storage.knownInventory('acme', { list: USERS })).toEqual([]);
      expect(await storage.inventoryUnder('acme', ['a'])).toEqual([]);
      expect(await storage.inventoryIsEmpty('acme')).toBe(true);
      expect(await storage.inventoryLists('acme')).toEqual([]);
      expect(await storage.waitingInventory('acme', 10, 0)).toEqual([]);
      expect(await storage.parkedInventory('acme')).toEqual([]);
      expect(await storage.replayInventory('acme', [1], 'w')).toBe(0);
      await storage.settleInventory('acme', acknowledged(1));
    });

    it('holds only what was acknowledged, and knows what is on its way', async () => {
      const { storage, reopen } = await open();
      await record(storage, [thing('a'), thing('b')]);
      expect(await storage.inventory('acme')).toEqual([]);
      expect(ids(await storage.knownInventory('acme', { list: USERS }))).toEqual(['a', 'b']);
      expect(ids(await storage.knownInventory('acme', { kind: 'user' }))).toEqual(['a', 'b']);
      expect(await storage.knownInventory('acme', { kind: 'project' })).toEqual([]);
      const [first, second] = await storage.waitingInventory('acme', 10, 0);
      expect(first).toEqual({ ...thing('a'), seq: first?.seq, organization: 'acme', way: 'inventory/1' });
      expect(await storage.waitingInventory('acme', 10, first?.seq ?? 0)).toEqual([second]);
      expect(await storage.waitingInventory('acme', 1, 0)).toEqual([first]);
      await storage.settleInventory('acme', acknowledged(first?.seq ?? 0));
      const again = await reopen();
      const { content, list, name } = thing('a');
      const item = { kind: 'user', id: 'a', list, name, content, firstSeenMs: 1000, reportedMs: 1000 };
      expect(await again.inventory('acme')).toEqual([item]);
      expect(await again.inventory('acme', 'user')).toEqual([item]);
      expect(await again.inventory('acme', 'project')).toEqual([]);
      expect(await again.inventory('beta')).toEqual([]);
      expect(await again.waitingInventory('acme', 10, 0)).toEqual([second]);
      expect(ids(await again.knownInventory('acme', { list: USERS }))).toEqual(['a', 'b']);
    });

    it('remembers what is gone', async () => {
      const { storage } = await open();
      await record(storage, [thing('a'), thing('a', { kind: 'project', list: '/organization/projects' })]);
      await storage.settleInventory('acme', acknowledged(1, 2));
      await record(storage, [gone('a', 2000)]);
      expect(ids(await storage.knownInventory('acme', { list: USERS }))).toEqual([]);
      expect(await storage.inventory('acme', 'user')).toHaveLength(1);
      await storage.settleInventory('acme', acknowledged(3));
      expect(await storage.inventory('acme', 'user')).toEqual([]);
      expect(await storage.inventoryIsEmpty('acme')).toBe(false);
      const remembered = { id: 'a', name: 'Name of a 🦊', content: '{"id":"a"}' };
      expect(await storage.inventoryUnder('acme', ['b', 'a', "'", 'a'])).toEqual([
        { ...remembered, kind: 'project' },
        { ...remembered, kind: 'user', goneAtMs: 2000 },
      ]);
      expect(await storage.inventoryUnder('acme', [])).toEqual([]);
      expect(await storage.inventoryUnder('beta', ['a'])).toEqual([]);
      expect(await storage.inventoryIsEmpty('beta')).toBe(true);
    });

    it('writes nothing a second time when the lists are as given already', async () => {
      const { storage } = await open();
      await record(storage, [thing('a')], 'read');
      await record(storage, [thing('a')], 'read');
      expect(await storage.waitingInventory('acme', 10, 0)).toHaveLength(1);
      expect(await storage.inventoryLists('acme')).toEqual([{ list: USERS, state: 'read' }]);
      await storage.recordInventory('acme', [gone('a', 2000)], [{ list: USERS, state: undefined }]);
      await storage.recordInventory('acme', [gone('a', 2000)], [{ list: USERS, state: undefined }]);
      expect(await storage.waitingInventory('acme', 10, 0)).toHaveLength(2);
      expect(await storage.inventoryLists('acme')).toEqual([]);
    });

    it('does not take a snapshot for a thing', async () => {
      const { storage } = await open();
      await record(storage, [thing('s', { change: 'snapshot', kind: 'snapshot' })]);
      expect(await storage.knownInventory('acme', { list: USERS })).toEqual([]);
      await storage.settleInventory('acme', acknowledged(1));
      expect([await storage.inventory('acme'), await storage.waitingInventory('acme', 10, 0)]).toEqual([[], []]);
    });

    it('has what was parked too, and says it again when it is asked to; the newest word counts', async () => {
      const { storage } = await open();
      await record(storage, [thing('a', { content: 'old' })]);
      await storage.settleInventory('acme', [{ seq: 1, fate: 'parked', parked: refused, delivered: 'entity.state' }]);
      expect(await storage.waitingInventory('acme', 10, 0)).toEqual([]);
      expect(await storage.inventory('acme')).toMatchObject([{ id: 'a', content: 'old' }]);
      expect(await storage.parkedInventory('acme')).toMatchObject([
        {
          seq: 1,
          id: 'a',
          reason: 'refused',
          message: 'too long',
          certain: true,
          parkedAtMs: 99,
          way: 'inventory/1',
          delivered: 'entity.state',
        },
      ]);
      await record(storage, [thing('a', { content: 'new', change: 'changed', before: 'old', atMs: 1500 })]);
      await storage.settleInventory('acme', acknowledged(2));
      expect(await storage.replayInventory('acme', [1, 7], 'inventory/1/replay/5')).toBe(1);
      expect(await storage.waitingInventory('acme', 10, 0)).toMatchObject([{ seq: 1, way: 'inventory/1/replay/5' }]);
      await storage.settleInventory('acme', acknowledged(1));
      expect(await storage.inventory('acme')).toMatchObject([{ id: 'a', content: 'new' }]);
      expect(await storage.parkedInventory('acme')).toEqual([]);
    });

    it('gives out no place twice', async () => {
      const { storage, reopen } = await open();
      await record(storage, [thing('a')]);
      await storage.settleInventory('acme', acknowledged(1));
      const again = await reopen();
      await record(again, [thing('b')]);
      expect(await again.waitingInventory('acme', 10, 0)).toMatchObject([{ id: 'b', seq: 2 }]);
    });

    it('begins another way when time steps back', async () => {
      const { storage } = await open();
      await record(storage, [thing('a', { atMs: 500_000 }), thing('b', { atMs: 450_000 }), thing('c', { atMs: 1 })]);
      const waiting = await storage.waitingInventory('acme', 10, 0);
      expect(waiting.map(({ way, atMs }) => [way, atMs])).toEqual([
        ['inventory/1', 500_000],
        ['inventory/1', 500_000],
        ['inventory/2', 1],
      ]);
    });
  });
}
