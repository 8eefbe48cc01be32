import { describe, expect, it, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import type { Names } from '../../src/processor/context.ts';
import { type PrivacyRule, rulesFor } from '../../src/processor/privacy-rules.ts';
import { observed } from './observed-event.ts';

const names: Names = {
  'project.name': { proj_1: 'Alpha', proj_2: 'Beta Two' },
  'user.email': { 'user-1': 'ada@example.com', 'user-2': 'bob@example.com' },
  'user.full_name': { 'user-1': 'Ada Lovelace', 'user-2': 'Bob', 'user-3': 'Eve Adams' },
  'api_key.name': { key_1: 'ci deploy' },
  'service_account.name': { svc_1: 'bot' },
  name: { role_1: 'Auditor', grp_1: 'Platform "from" 203.0.113.9' },
};

function recordOf(event: object, rules: Readonly<Record<string, PrivacyRule>> = {}, known = names) {
  const privacy = { rules, key: 'a key for tests only' };
  const options = { organizations: [], resourceAttributes: {}, severity: {} };
  return createAuditLogProcessor({ ...options, body: 'event', privacy })(
    observed(event, { context: { names: known } }),
  );
}

function summaryOf(event: object, rules?: Readonly<Record<string, PrivacyRule>>, known?: Names) {
  return recordOf(event, rules, known).attributes['openai.audit.summary'];
}

const user = (id: string) => ({ type: 'session', session: { user: { id } } });
const BOT = { type: 'api_key', api_key: { id: 'key_1', service_account: { id: 'svc_1' } } };
const DELETED = {
  type: 'user.deleted',
  actor: user('user-1'),
  project: { id: 'proj_1' },
  'user.deleted': { id: 'user-2' },
};
const ASSIGNED = {
  type: 'role.assignment.created',
  actor: BOT,
  project: { id: 'proj_1' },
  'role.assignment.created': {
    id: 'ra_1',
    principal_id: 'user-2',
    principal_type: 'user',
    resource_id: 'proj_2',
    resource_type: 'api.project',
  },
};

describe('names of the inventory', () => {
  it('complete what the event has only ids of', () => {
    expect(recordOf(DELETED).attributes).toMatchObject({
      'project.name': 'Alpha',
      'user.id': 'user-1',
      'user.email': 'ada@example.com',
      'user.full_name': 'Ada Lovelace',
      'openai.audit.target.id': 'user-2',
      'openai.audit.target.name': 'bob@example.com',
    });
    expect(recordOf(ASSIGNED).attributes).toMatchObject({
      'actor.api_key.name': 'ci deploy',
      'actor.service_account.id': 'svc_1',
      'actor.service_account.name': 'bot',
    });
  });

  it('stand in the summary where ids stood', () => {
    expect(summaryOf(DELETED)).toBe('ada@example.com deleted user bob@example.com in project Alpha');
    expect(summaryOf(ASSIGNED)).toBe(
      'service account bot created role assignment ra_1 for user bob@example.com on project "Beta Two" in project Alpha using API key "ci deploy"',
    );
  });

  it('are told once', () => {
    const data = { email: 'ada@example.com', role: 'owner' };
    const names: Names = { 'user.email': { inv_1: 'ada@example.com' } };
    const told = (type: string, payload: object) => summaryOf({ type, [type]: { id: 'inv_1', ...payload } }, {}, names);
    expect(told('invite.sent', { data })).toBe('Somebody sent invite inv_1 to ada@example.com as owner');
    expect(told('invite.accepted', {})).toBe('Somebody accepted invite ada@example.com');
  });

  it('are not told of what is called so from now on', () => {
    const changes_requested = { title: 'Beta Two' };
    const event = { type: 'project.updated', 'project.updated': { id: 'proj_2', changes_requested } };
    expect(summaryOf(event)).toBe('Somebody updated project proj_2, now with title "Beta Two"');
  });

  it('tell which project once, where it is what a role is given for', () => {
    const event = { ...ASSIGNED, project: { id: 'proj_2' } };
    expect(summaryOf(event)).toMatch(/on project "Beta Two" using API key/);
  });

  it('stand in the list of what was touched together, and of what else is named', () => {
    const certificates = [{ id: 'cert_1' }, { id: 'role_1' }];
    const told = (type: string, payload: object) => summaryOf({ type, [type]: payload });
    expect(told('certificates.deactivated', { certificates })).toBe(
      'Somebody deactivated certificates cert_1, Auditor',
    );
    expect(told('tenant.session_revocation.started', { user_ids: ['user-1', 'user-3'] })).toBe(
      'Somebody started a session revocation (user ada@example.com, user "Eve Adams")',
    );
  });

  it('are told as names: none reads as part of the sentence', () => {
    const event = { type: 'group.deleted', actor: user('user-3'), 'group.deleted': { id: 'grp_1' } };
    expect(summaryOf(event)).toMatch(/^"Eve Adams" deleted group grp_1 named "Platform .*"$/);
  });

  it('give way to what the event says itself', () => {
    const event = {
      type: 'project.updated',
      project: { id: 'proj_1', name: 'Renamed' },
      actor: { type: 'session', session: { user: { id: 'user-1', email: 'countess@example.com' } } },
      'project.updated': { id: 'proj_1' },
    };
    expect(recordOf(event).attributes).toMatchObject({
      'project.name': 'Renamed',
      'user.email': 'countess@example.com',
      'openai.audit.target.name': 'Renamed',
    });
  });

  it('say nothing of things that are not mentioned, nor of several targets at once', () => {
    const event = {
      type: 'certificates.activated',
      'certificates.activated': { certificates: [{ id: 'a' }, { id: 'b' }] },
    };
    const attributes = Object.keys(recordOf(event).attributes);
    expect(attributes.filter(name => /name$|email$/.test(name))).toEqual(['event.name']);
  });
});

describe('privacy', () => {
  const text = (event: object, rules: Readonly<Record<string, PrivacyRule>>) => JSON.stringify(recordOf(event, rules));

  it('covers the names of everybody whom an event mentions, as it covers their mail addresses', () => {
    const rules = { 'user.email': 'drop' } as const;
    expect(text(DELETED, {})).toMatch(/bob@example\.com.*/);
    expect(text(DELETED, rules)).not.toMatch(/ada|bob|lovelace/i);
    expect(text(ASSIGNED, rules)).not.toMatch(/bob/i);
    expect(summaryOf(DELETED, rules)).toBe('user-1 deleted user user-2 in project Alpha');
  });

  it('lets names stay where a rule says so', () => {
    const record = recordOf(DELETED, { 'user.email': 'drop', 'user.full_name': 'keep' });
    expect(record.attributes).toMatchObject({ 'user.full_name': 'Ada Lovelace', 'openai.audit.target.name': 'Bob' });
    expect(record.attributes).not.toHaveProperty(['user.email']);
  });

  it('finds the name of a thing whose id is hashed', () => {
    const record = recordOf(DELETED, { 'user.id': 'hash', 'project.id': 'hash' });
    expect(record.attributes).toMatchObject({ 'project.name': 'Alpha', 'user.email': 'ada@example.com' });
    expect(JSON.stringify(record)).not.toMatch(/user-1|proj_1/);
  });

  test.each([
    ['project.name', DELETED, /alpha/i],
    ['user.full_name', DELETED, /lovelace/i],
    ['actor.api_key.name', ASSIGNED, /ci deploy/],
    ['actor.service_account.name', ASSIGNED, /"bot"|account bot/],
    ['openai.audit.target.name', DELETED, /bob@/],
  ] as const)('hides %s wherever it stands', (attribute, event, name) => {
    expect(text(event, {})).toMatch(name);
    for (const rule of rulesFor(attribute)?.filter(each => each !== 'keep') ?? []) {
      expect(text(event, { [attribute]: rule })).not.toMatch(name);
    }
  });

  it('has one hash for one address, whether the event or the inventory told it', () => {
    const said = { ...DELETED, actor: { session: { user: { id: 'user-9', email: 'ADA@example.com' } } } };
    const [one, other] = [DELETED, said].map(
      event => recordOf(event, { 'user.email': 'hash' }).attributes['user.email'],
    );
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).toBe(one);
  });
});
