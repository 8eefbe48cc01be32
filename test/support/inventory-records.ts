import { createInventoryProcessor } from '../../src/processor/inventory.ts';
import type { ObservedChange } from '../../src/processor/processor.ts';
import type { LogRecord, Value } from '../../src/record.ts';

const map = createInventoryProcessor({ organizations: [{ name: 'acme', id: 'org-1' }], resourceAttributes: {} });
const owner = { kind: 'user', id: { 'user.id': 'user-1' } };
const self = { kind: 'api_key', id: { 'api_key.id': 'key_1' } };

function thing(description: Readonly<Record<string, Value>>) {
  return { id: self.id, description, relations: [{ from: self, type: 'owned_by', to: owner }] };
}

const before = thing({ name: 'test', owner: { user: { id: 'user-1' } } });
const after = thing({ name: 'production', owner: { user: { id: 'user-1' } } });
const change: Omit<ObservedChange, 'change' | 'facts'> = {
  organization: 'acme',
  way: 'inventory/1',
  kind: 'api_key',
  id: 'key_1',
  name: 'production',
  atMs: 1_767_225_600_000,
  firstSeenMs: 1_767_000_000_000,
};
const session = { user: { id: 'user-1', email: 'ada@example.com' }, ip_address: '192.0.2.7' };
const facts = {
  reportInterval: 7_200,
  snapshot: '2026-01-01T00:00:00.000Z',
  explainedBy: { uid: 'audit_log-1', type: 'api_key.updated', actor: { type: 'session', session } },
};
const reading = {
  counts: { api_key: 1, user: 2 },
  digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  complete: false,
  missing: ['spend_limit: forbidden'],
  lists: 3,
  requests: 4,
  duration: 5,
};

/** Records of all kinds about the inventory. */
export function inventoryRecords(): readonly LogRecord[] {
  const changes: readonly ObservedChange[] = [
    { ...change, change: 'state', after, facts },
    { ...change, change: 'added', after, facts },
    { ...change, change: 'changed', before, after, facts: { ...facts, paths: ['name'] } },
    { ...change, change: 'removed', before, facts },
    { ...change, change: 'added', after: thing({ note: 'x'.repeat(50_000) }), facts },
    { ...change, kind: 'snapshot', id: facts.snapshot, change: 'snapshot', facts: { reading } },
  ];
  return changes.flatMap(map);
}
