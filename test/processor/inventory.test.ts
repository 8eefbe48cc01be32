import { describe, expect, it } from 'vitest';
import { createInventoryProcessor } from '../../src/processor/inventory.ts';
import type { Privacy } from '../../src/processor/privacy-rules.ts';
import type { ObservedChange } from '../../src/processor/processor.ts';
import { overTheWire } from '../support/over-the-wire.ts';

const options = { organizations: [{ name: 'acme', id: 'org-1' }], resourceAttributes: { 'cloud.region': 'eu' } };
const map = createInventoryProcessor(options);

const owner = { kind: 'user', id: { 'user.id': 'user-1' } };
const self = { kind: 'api_key', id: { 'api_key.id': 'key_1' } };
const thing = {
  id: self.id,
  description: { name: 'production', owner: { user: { id: 'user-1', email: 'ada@example.com' } }, expires_at: null },
  relations: [
    { from: owner, type: 'owns', to: self },
    { from: self, type: 'owned_by', to: owner },
  ],
};
const changed: ObservedChange = {
  organization: 'acme',
  way: 'inventory/3',
  change: 'changed',
  kind: 'api_key',
  id: 'key_1',
  name: 'production',
  atMs: 1_767_225_600_500,
  firstSeenMs: 1_767_000_000_000,
  before: { ...thing, description: { ...thing.description, name: 'test' } },
  after: thing,
  facts: {
    reportInterval: 7200,
    paths: ['name'],
    explainedBy: {
      uid: 'audit_log-1',
      type: 'api_key.updated',
      actor: {
        type: 'session',
        session: { user: { id: 'user-1', email: 'ada@example.com' }, ip_address: '192.0.2.7' },
      },
    },
  },
};

describe('a change', () => {
  it('is an entity event and an event of its own', () => {
    const [state, event, ...more] = map(changed);
    expect(more).toEqual([]);
    expect(state).toEqual({
      resource: {
        'service.namespace': 'openai',
        'cloud.region': 'eu',
        'service.name': 'openai-inventory',
        'service.instance.id': 'acme/inventory/3',
        'organization.name': 'acme',
        'organization.id': 'org-1',
      },
      timestamp: 1_767_225_600.5,
      observedAtMs: 1_767_225_600_500,
      eventName: 'entity.state',
      severityNumber: 9,
      attributes: {
        'log.record.uid': 'entity.state/acme/api_key/key_1/1767225600500',
        'event.name': 'entity.state',
        'entity.type': 'openai.api_key',
        'entity.id': { 'api_key.id': 'key_1' },
        'entity.report.interval': 7200,
        'entity.relationships': [
          {
            'relationship.type': 'owns',
            'relationship.direction': 'incoming',
            'entity.type': 'openai.user',
            'entity.id': { 'user.id': 'user-1' },
          },
          { 'relationship.type': 'owned_by', 'entity.type': 'openai.user', 'entity.id': { 'user.id': 'user-1' } },
        ],
        'entity.description': { ...thing.description, firstseen: 1_767_000_000, lastupdated: 1_767_225_600 },
      },
    });
    const summary =
      'changed by ada@example.com: API key key_1 named "production" of acme: name from test to production';
    expect(event).toMatchObject({
      eventName: 'openai.inventory.api_key.changed',
      body: summary,
      attributes: {
        'log.record.uid': 'inventory.changed/acme/api_key/key_1/1767225600500',
        'openai.inventory.kind': 'api_key',
        'openai.inventory.id': 'key_1',
        'openai.inventory.name': 'production',
        'openai.inventory.summary': summary,
        'openai.inventory.change.paths': ['name'],
        'openai.inventory.before.name': 'test',
        'openai.inventory.after.name': 'production',
        'openai.inventory.explained_by': 'audit_log-1',
        'openai.inventory.explained_by.type': 'api_key.updated',
        'user.email': 'ada@example.com',
        'actor.ip': '192.0.2.7',
        'api_key.id': 'key_1',
      },
    });
  });

  it('is the same record each time', () => {
    expect(map(structuredClone(changed))).toEqual(map(changed));
  });

  it('deletes what is gone', () => {
    const { after, ...rest } = changed;
    const [entity, event] = map({ ...rest, change: 'removed', before: thing, facts: {} });
    expect(entity?.eventName).toBe('entity.delete');
    expect(Object.keys(entity?.attributes ?? {})).toEqual(['log.record.uid', 'event.name', 'entity.type', 'entity.id']);
    expect(event?.attributes).toMatchObject({ 'openai.inventory.before.name': 'production' });
    expect(after).toBe(thing);
  });
});

it('a link names where each of its edges comes from', () => {
  const project = { kind: 'project', id: { 'project.id': 'proj_1' } };
  const id = { 'project.id': 'proj_1', 'user.id': 'user-1' };
  const after = { id, description: {}, relations: [{ from: owner, type: 'member_of', to: project }] };
  const { before: _, ...rest } = changed;
  const [state] = map({ ...rest, kind: 'project_member', change: 'state', after, facts: {} });
  expect(state?.attributes['entity.relationships']).toEqual([
    {
      'relationship.type': 'member_of',
      'entity.type': 'openai.project',
      'entity.id': { 'project.id': 'proj_1' },
      'relationship.source.type': 'openai.user',
      'relationship.source.id': { 'user.id': 'user-1' },
    },
  ]);
});

describe('privacy rules', () => {
  /** Whatever goes over the wire, in both encodings. */
  const sent = (rules: Privacy['rules'], change: ObservedChange) =>
    overTheWire(createInventoryProcessor({ ...options, privacy: { rules, key: 'a key for tests only' } })(change));
  const records = (rules: Privacy['rules'], change: ObservedChange) =>
    createInventoryProcessor({ ...options, privacy: { rules, key: 'a key for tests only' } })(change);
  const person = (id: string): ObservedChange => ({
    ...changed,
    kind: 'user',
    id,
    name: 'Ada Lovelace',
    before: { id: { 'user.id': id }, description: { name: 'Ada Byron', email: 'ada@example.org' }, relations: [] },
    after: { id: { 'user.id': id }, description: { name: 'Ada Lovelace', email: 'ada@example.com' }, relations: [] },
    facts: { paths: ['name', 'email'] },
  });

  it('hide values wherever they stand', () => {
    const rules = { 'user.email': 'drop', 'actor.ip': 'truncate' } as const;
    expect(sent({}, changed)).toMatch(/ada@example\.com.*192\.0\.2\.7/s);
    expect(sent(rules, changed)).not.toMatch(/ada@example\.com|192\.0\.2\.7/);
    const [, event] = records(rules, changed);
    expect(event?.attributes['actor.ip']).toBe('192.0.2.0');
    expect(event?.attributes['event.name']).toBe('openai.inventory.api_key.changed');
  });

  it.each([
    ['user.email', person('user-1'), /ada@|lovelace|byron/i],
    ['user.full_name', person('user-1'), /lovelace|byron/i],
    ['user.id', person('user-1'), /user-1/],
    ['user.id', changed, /user-1/],
    ['actor.api_key.name', changed, /\bproduction\b/],
    ['openai.audit.target.name', changed, /\bproduction\b/],
    ['actor.api_key.id', changed, /key_1/],
  ] as const)('for %s hide it in every form: %#', (attribute, change, value) => {
    expect(sent({}, change)).toMatch(value);
    expect(sent({ [attribute]: 'drop' }, change)).not.toMatch(value);
    expect(sent({ [attribute]: 'hash' }, change)).not.toMatch(value);
  });

  it('let names stay where a rule says so', () => {
    const text = sent({ 'user.email': 'drop', 'user.full_name': 'keep' }, person('user-1'));
    expect(text).toMatch(/Ada Lovelace/);
    expect(text).not.toMatch(/ada@example/);
  });

  it.each([
    { owner: { type: 'user', object: 'organization.user', id: 'user-9', name: 'Ada King' } },
    { owner: { type: 'user', user: { id: 'user-9', name: 'Ada King', email: 'ada@example.net' } } },
    { created_by: 'user-9', created_by_user_obj: { id: 'user-9', name: 'Ada King', email: 'ada@example.net' } },
    { notification_channel: { recipients: ['ada@example.net'] }, updated_by: 'user-9' },
  ] as const)('find people inside of other things: %j', description => {
    const { before: _, ...rest } = changed;
    const change: ObservedChange = { ...rest, change: 'added', after: { ...thing, description, relations: [] } };
    const text = sent({ 'user.email': 'drop', 'user.id': 'hash' }, change);
    expect(sent({}, change)).toMatch(/user-9/);
    expect(text).not.toMatch(/user-9|Ada King|ada@example\.net/i);
  });

  it('never make two records one: each keeps a uid of its own', () => {
    const uids = ['user-1', 'user-2'].flatMap(id =>
      records({ 'user.id': 'drop' }, person(id)).map(({ attributes }) => attributes['log.record.uid']),
    );
    expect(new Set(uids).size).toBe(4);
    expect(uids[0]).toMatch(/^entity\.state\/[0-9a-f]{32}$/);
  });

  it('leave what tells of which kind a record is, whatever things are called', () => {
    const called: ObservedChange = { ...changed, kind: 'project', name: 'openai', facts: {} };
    const [state] = records(
      { 'project.name': 'drop' },
      { ...called, after: { ...thing, description: { name: 'openai' } } },
    );
    expect(state?.attributes['entity.type']).toBe('openai.project');
    expect(state?.attributes['entity.description']).not.toHaveProperty('name');
  });
});
