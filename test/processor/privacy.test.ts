import { createHmac } from 'node:crypto';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it, test } from 'vitest';
import { createStory, workingDays } from '../../src/emulator/story/story.ts';
import { settledStatements } from '../../src/pipeline/statement.ts';
import { type AuditLogOptions, createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { createOwnProcessor } from '../../src/processor/own-record.ts';
import { type PrivacyRule, RULED, rulesFor } from '../../src/processor/privacy-rules.ts';
import type { LogRecord, Value } from '../../src/record.ts';
import { overTheWire } from '../support/over-the-wire.ts';
import { fixture, observed } from './observed-event.ts';

type Rules = Readonly<Record<string, PrivacyRule>>;

const KEY = 'a key for tests only';
const BODIES = ['event', 'summary', 'none'] as const;
const DAY_S = 86_400;

function processor(rules: Rules, options: Partial<AuditLogOptions> = {}) {
  const privacy = { rules, key: KEY };
  return createAuditLogProcessor({
    organizations: [{ name: 'acme' }],
    resourceAttributes: {},
    body: 'event',
    severity: {},
    privacy,
    ...options,
  });
}

/** What goes over the wire. */
function payload(...records: LogRecord[]): string {
  return overTheWire(records);
}

function hash(value: string): string {
  return createHmac('sha256', KEY).update(value).digest('hex').slice(0, 32);
}

const ADA = {
  id: 'audit_log-1',
  type: 'user.updated',
  effective_at: 1_760_000_000,
  project: { id: 'proj_1', name: 'Payments' },
  actor: {
    type: 'session',
    session: {
      user: { id: 'user-Ada1', email: 'ada@example.com' },
      ip_address: '203.0.113.7',
      user_agent: 'Mozilla/5.0 (X11; Linux)',
      ip_address_details: { country: 'DE', region: 'Land Berlin', region_code: 'BE', city: 'Berlin', asn: '64496' },
    },
  },
  'user.updated': {
    id: 'user-Ada1',
    changes_requested: { role: 'owner', notify: 'Ada@Example.com, xada@example.com' },
    by_mail: { 'ada@example.com': 1 },
    networks: ['203.0.113.7/32', '203.0.113.70'],
  },
} as const satisfies Value;
const details = (record: LogRecord) => (record.body as { readonly [key: string]: Value })['user.updated'];

describe('a dropped value', () => {
  test.each(BODIES)('is nowhere in the payload (body: %s)', body => {
    const record = processor({ 'user.email': 'drop', 'client.address': 'drop' }, { body })(observed(ADA));
    expect(payload(record)).not.toMatch(/(?<!x)ada@example\.com/i);
    expect(payload(record)).not.toMatch(/203\.0\.113\.7(?!\d)/);
    expect(record.attributes).not.toHaveProperty(['actor.ip']);
    expect(record.attributes['openai.audit.summary']).toMatch(/^user-Ada1 .* from Berlin, DE$/);
  });

  it('is taken out of texts, keys and lists, and leaves other values alone', () => {
    const record = processor({ 'user.email': 'drop', 'actor.ip': 'drop' })(observed(ADA));
    expect(details(record)).toEqual({
      id: 'user-Ada1',
      changes_requested: { role: 'owner', notify: '[dropped], xada@example.com' },
      by_mail: { '[dropped]': 1 },
      networks: ['[dropped]/32', '203.0.113.70'],
    });
  });

  it('is not what tells of which kind an event is', () => {
    const event = { ...ADA, 'user.updated': { kind: 'user.updated', way: 'session', of: 'user', id: 'audit_log-1' } };
    const record = processor({ 'openai.audit.details': 'drop' })(observed(event));
    const { 'user.updated': _, ...rest } = ADA;
    expect(record.body).toEqual(rest);
    expect(record.attributes).toMatchObject({ 'log.record.uid': 'audit_log-1', 'actor.type': 'session' });
  });

  it('may be a place, which a database does not fill again', () => {
    const context = { geo: { country: 'DE', region: 'BE', city: 'Berlin', isp: 'Berlin Net', asNumber: 64_496 } };
    const rules = {
      'geo.locality.name': 'drop',
      'geo.region.iso_code': 'drop',
      'openai.audit.client.isp': 'drop',
    } as const;
    const record = processor(rules)(observed(ADA, { context }));
    expect(payload(record)).not.toMatch(/Berlin|BE"/);
    expect(record.attributes).toMatchObject({ 'geo.country.iso_code': 'DE', 'client.as.number': 64_496 });
  });
});

describe('a hashed value', () => {
  it('is the same keyed hash wherever it stood', () => {
    const record = processor({ 'user.email': 'hash', 'user.id': 'hash' })(observed(ADA));
    expect(record.attributes).toMatchObject({
      'user.email': hash('ada@example.com'),
      'user.id': hash('user-Ada1'),
      'actor.id': hash('user-Ada1'),
      'openai.audit.target.id': hash('user-Ada1'),
      'openai.audit.resources': [`user/${hash('user-Ada1')}`],
      'openai.audit.details.changes_requested.notify': `${hash('ada@example.com')}, xada@example.com`,
    });
    expect(record.attributes['openai.audit.summary']).toContain(hash('ada@example.com'));
    expect(payload(record)).not.toMatch(/user-Ada1|(?<!x)ada@example\.com/i);
  });

  it('depends on its key alone: the same on every repetition', () => {
    const map = processor({ 'user.email': 'hash' });
    expect(payload(map(observed(ADA)))).toBe(payload(processor({ 'user.email': 'hash' })(observed(ADA))));
    const privacy = { rules: { 'user.email': 'hash' }, key: 'another key for tests' } as const;
    expect(processor({}, { privacy })(observed(ADA)).attributes['user.email']).not.toBe(hash('ada@example.com'));
  });
});

describe('a truncated address', () => {
  it('is a network under both of its names, and in the payload', () => {
    const record = processor({ 'actor.ip': 'truncate', 'openai.audit.details.networks': 'truncate' })(observed(ADA));
    expect(record.attributes).toMatchObject({
      'actor.ip': '203.0.113.0',
      'client.address': '203.0.113.0',
      'openai.audit.details.networks': ['203.0.113.0/24', '203.0.113.0'],
    });
    expect(record.attributes['openai.audit.summary']).toContain('from 203.0.113.0 (Berlin, DE)');
  });
});

describe('rules', () => {
  it('for a part of the payload win over the one for all of it', () => {
    const rules = { 'openai.audit.details': 'drop', 'openai.audit.details.changes_requested.role': 'keep' } as const;
    expect(details(processor(rules)(observed(ADA)))).toEqual({ changes_requested: { role: 'owner' } });
  });

  it('that meet in one value do what the stronger asks for', () => {
    const record = processor({ 'user.id': 'hash', 'actor.id': 'drop' })(observed(ADA));
    expect(payload(record)).not.toMatch(/user-Ada1/);
    expect(record.attributes).not.toHaveProperty(['actor.id']);
  });

  it('leave the severity that the event deserves', () => {
    const event = { ...ADA, type: 'role.assignment.created', 'role.assignment.created': { role: 'owner' } };
    const plain = processor({})(observed(event));
    expect(processor({ 'openai.audit.details': 'drop' })(observed(event)).severityNumber).toBe(plain.severityNumber);
  });

  it('that keep change nothing', () => {
    expect(processor({ 'user.email': 'keep' })(observed(ADA))).toEqual(processor({})(observed(ADA)));
  });

  it('cover what is said of a late event', () => {
    const row = {
      uid: 'audit_log-1',
      feed: { organization: 'acme', stream: 'organization' },
      type: 'user.updated',
      effectiveAt: 1,
      way: 'late/1',
      delivery: 'late',
      observedAtMs: 9_000,
      event: '',
      timeIsNeighbours: false,
    } as const;
    const record = processor({ 'user.email': 'drop', 'actor.ip': 'drop' })(observed(ADA));
    const statements = settledStatements(row, { uid: row.uid, fate: 'acknowledged' }, record, 9_000);
    const own = createOwnProcessor({ organizations: [], resourceAttributes: {} });
    const said = payload(...statements.map(statement => own({ ...statement, way: 'collector/1' })));
    expect(said).toContain('user-Ada1');
    expect(said).not.toMatch(/ada@example\.com|203\.0\.113\.7/i);
  });
});

/** A story's events with all that may be ruled, and what a rule for everything must hide of each. */
const story = createStory('privacy', 1_760_000_000_000);
const events = [...story.tell(1_760_000_000 + 14 * DAY_S, workingDays(200))];

const EVERYTHING = Object.fromEntries(Object.keys(RULED).map(name => [name, 'drop' as const]));

test.each(BODIES)('no event of a story tells anything of people when all is dropped (body: %s)', body => {
  const map = processor(EVERYTHING, { body });
  expect(events.length).toBeGreaterThan(1_000);
  for (const event of events) {
    const sent = payload(map(observed(event)));
    const { session, api_key: key } = (event.actor ?? {}) as { readonly session?: Value; readonly api_key?: Value };
    for (const value of [...texts(session), ...texts(key), ...texts(event.project as Value)]) {
      if (value.length > 3 && !/^[a-z_]+$/.test(value)) expect(sent).not.toContain(value);
    }
  }
});

function texts(value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(each => texts(each as Value)) : [];
}

test('of live and odd events nothing of what is hashed is left', () => {
  const rules = Object.fromEntries(
    Object.keys(RULED).flatMap(name => (rulesFor(name)?.includes('hash') ? [[name, 'hash' as const]] : [])),
  );
  for (const name of [
    'api-key-created',
    'login-failed',
    'role-assigned',
    'odd-values',
    'service-account-key-sends-invite',
  ]) {
    const plain = processor({})(observed(fixture(name)));
    const sent = payload(processor(rules)(observed(fixture(name))));
    for (const attribute of Object.keys(rules)) {
      for (const value of texts(plain.attributes[attribute])) expect(sent, attribute).not.toContain(value);
    }
  }
});

property.prop([
  fc.jsonValue({ maxDepth: 5 }),
  fc.dictionary(
    fc.constantFrom(...Object.keys(RULED), 'openai.audit.details.a', 'openai.audit.details.a.b'),
    fc.constantFrom('keep', 'drop', 'hash', 'truncate' as const),
  ),
])('any event and any rules give a record', (value, rules) => {
  const event = { ...ADA, 'user.updated': value as Value, project: value as Value };
  const record = processor(rules as Rules)(observed(event));
  expect(record).toEqual(processor(rules as Rules)(observed(event)));
  expect(record.attributes['log.record.uid']).toBe('audit_log-1');
});

test('what is nested 100,000 deep overflows no stack', () => {
  const text = `${'{"a":'.repeat(100_000)}"ada@example.com"${'}'.repeat(100_000)}`;
  const event = JSON.parse(JSON.stringify({ ...ADA, 'user.updated': 'HERE' }).replace('"HERE"', text)) as Value;
  const record = processor({ 'user.email': 'drop' })(observed(event));
  expect(payload(record)).not.toContain('ada@example.com');
});
