import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { parseExactly } from '../../src/exact-json.ts';
import { jsonText } from '../../src/json-text.ts';
import { type AuditLogOptions, createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { EVENT_TYPES } from '../../src/processor/event-types.ts';
import { at } from '../../src/processor/json.ts';
import type { ObservedEvent } from '../../src/processor/processor.ts';
import { LIMITS } from '../../src/processor/within-limits.ts';
import type { Value } from '../../src/record.ts';
import { observed } from './observed-event.ts';

const key = fc.oneof(
  fc.constantFrom('id', 'name', 'data', 'changes_requested', 'certificates', 'email', '__proto__', 'constructor', ''),
  fc.string({ unit: 'binary' }),
);

/** Any JSON value: own `__proto__` members, infinities (1e400), integers beyond int64, lone surrogates, long texts. */
const json: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.constantFrom(2 ** 63, 1e21, Number.POSITIVE_INFINITY, -0),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'service_account', 'x'.repeat(30_000)),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 40 }).map(owned),
  ),
})).value;

const type = fc.oneof(
  fc.constantFrom(...Object.keys(EVENT_TYPES), 'login.failed', 'quantum.broken', '__proto__', 'toString'),
  fc.string({ unit: 'binary' }),
);

/** A value at every place that the mapping reads, so that each can be of any shape. */
const event = fc
  .record(
    {
      id: json,
      type: fc.oneof({ weight: 4, arbitrary: type }, json),
      payload: json,
      project: fc.oneof(json, fc.record({ id: json, name: json })),
      actor: fc.oneof(
        json,
        fc.record({ type: json, session: json, api_key: json }, { requiredKeys: [] }),
        fc.record({
          session: fc.record({
            user: fc.record({ id: json, email: json }),
            ip_address: json,
            user_agent: json,
            ip_address_details: fc.record({ country: json, city: json, region_code: json, asn: json, latitude: json }),
          }),
        }),
        fc.record({ api_key: fc.record({ id: json, type: json, user: json, service_account: json }) }),
      ),
    },
    { requiredKeys: [] },
  )
  .map(({ payload = null, ...rest }) => owned([...Object.entries(rest), [String(rest.type), payload]]));

const anyEvent = fc.oneof({ weight: 4, arbitrary: event }, { weight: 1, arbitrary: json });

const facts: fc.Arbitrary<Partial<ObservedEvent>> = fc.record({
  uid: fc.string(),
  stream: fc.constantFrom('organization' as const, 'tenant' as const),
  delivery: fc.constantFrom('live' as const, 'backfill' as const, 'late' as const),
  timeIsNeighbours: fc.boolean(),
});

const options: fc.Arbitrary<AuditLogOptions> = fc.record({
  organizations: fc.constant([{ name: 'acme', id: 'org-1' }]),
  resourceAttributes: fc.constant({}),
  body: fc.constantFrom('event' as const, 'summary' as const, 'none' as const),
  severity: fc.dictionary(type, fc.integer({ min: 1, max: 24 })),
});

const PLAIN: AuditLogOptions = { organizations: [], resourceAttributes: {}, body: 'event', severity: {} };

test.prop([anyEvent, facts, options])(
  'any JSON value gives the same record again and stays as it was',
  (value, some, how) => {
    const map = createAuditLogProcessor(how);
    const before = structuredClone(value);
    const first = map(observed(deepFrozen(value), some));
    expect(map(observed(value, some))).toEqual(first);
    expect(value).toEqual(before);
    if (how.body === 'event') expect(first.body).toBe(value);
  },
);

test.prop([anyEvent, facts, options])('attributes keep the limits and their promised shapes', (value, some, how) => {
  const { attributes } = createAuditLogProcessor(how)(observed(value, some));
  const entries = Object.entries(attributes);
  const bytes = entries.reduce(
    (sum, [name, item]) => sum + Buffer.byteLength(name) + Buffer.byteLength(plain(item)),
    0,
  );
  expect(entries.length).toBeLessThanOrEqual(LIMITS.attributes);
  expect(bytes).toBeLessThanOrEqual(LIMITS.bytes);
  for (const [name, item] of entries) {
    const mayBeList = name.startsWith('openai.audit.details') || name === 'openai.audit.resources';
    expect(['string', 'number', 'boolean'].includes(typeof item) || (mayBeList && Array.isArray(item))).toBe(true);
  }
});

test.prop([anyEvent, facts, options])(
  'every record has a sane name, a severity and a sentence on one line',
  (value, some, how) => {
    const { eventName, severityNumber, attributes } = createAuditLogProcessor(how)(observed(value, some));
    expect(eventName).toMatch(/^openai\.audit\.[a-z0-9_]+(?:\.[a-z0-9_]+)*$/);
    expect(eventName.length).toBeLessThanOrEqual(256);
    expect(severityNumber).toBeGreaterThanOrEqual(1);
    const summary = String(attributes['openai.audit.summary']);
    expect(summary).toMatch(/^[^\p{Cc}\p{Cs}]+$/u);
    expect(summary).not.toMatch(/undefined|\[object/);
  },
);

test.prop([anyEvent])('nothing of what the API wrote is lost on its way into the Body', value => {
  const text = jsonText(value as Value);
  const { body } = createAuditLogProcessor(PLAIN)(observed(parseExactly(text)));
  // A number that nothing else can carry is its text there, in quotation marks.
  const unquoted = (json: string) => json.replaceAll('"', '');
  expect(unquoted(jsonText(body ?? null))).toBe(unquoted(text));
});

test.prop([fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.integer({ min: 0, max: 30 })])(
  'every digit of a number arrives in Body and details',
  (integer, zeros) => {
    const digits = `${integer}.${'0'.repeat(zeros)}1`;
    const text = `{"type":"t.updated","t.updated":{"integer":${integer},"digits":${digits}}}`;
    const { body, attributes } = createAuditLogProcessor(PLAIN)(observed(parseExactly(text)));
    expect(String(attributes['openai.audit.details.integer'])).toBe(String(integer));
    expect(BigInt(String(at(body, 't.updated', 'integer')))).toBe(integer);
    expect(Number(attributes['openai.audit.details.digits'])).toBe(Number(digits));
  },
);

test.prop([fc.record({ id: json, type: json }), json, fc.boolean()])(
  'a service account is never a user, whatever else its key names',
  (account, user, typed) => {
    const key = { user, ...(typed ? { type: 'service_account' } : { service_account: account }) };
    const { attributes } = createAuditLogProcessor(PLAIN)(observed({ actor: { type: 'api_key', api_key: key } }));
    expect(Object.keys(attributes).filter(name => name.startsWith('user.'))).toEqual([]);
  },
);

test.prop([json])('JSON text is what JSON.stringify makes of what it can carry', value => {
  const withoutInfinity = (_: string, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
  expect(jsonText(value as Value)).toBe(JSON.stringify(value, withoutInfinity));
});

/** Members as JSON.parse makes them: `__proto__` is one like any other. */
function owned(members: readonly (readonly [string, unknown])[]): unknown {
  const map: Record<string, unknown> = {};
  for (const [name, value] of members) {
    Object.defineProperty(map, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return map;
}

function plain(value: Value): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const name of Object.keys(value)) deepFrozen(Reflect.get(value, name));
  }
  return value;
}
