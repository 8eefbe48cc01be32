import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { eventType } from '../../src/processor/event-type.ts';
import { EVENT_TYPES } from '../../src/processor/event-types.ts';
import { EVERY_TYPE } from './every-type.ts';
import { observed } from './observed-event.ts';

const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'none', severity: {} });
const everyType = Object.entries(EVERY_TYPE);

test.each(everyType)('%s names its target and reads as a sentence', (type, [target, summary]) => {
  const { attributes } = map(observed({ type, [type]: { id: 'x_1' } }));
  expect(attributes['openai.audit.target.type'] ?? null).toBe(target);
  expect(attributes['openai.audit.summary']).toBe(summary);
});

test('the table names no type that the SDK does not', () => {
  const known = new Set(everyType.map(([type]) => type));
  expect(Object.keys(EVENT_TYPES).filter(type => !known.has(type))).toEqual([]);
});

test('every row says more than the rule would', () => {
  const idle = Object.entries(EVENT_TYPES).filter(([type, row]) => {
    const { target, says, severity } = eventType(type.toUpperCase());
    const byRule = { target, says, severity, list: undefined };
    return isDeepStrictEqual({ ...byRule, ...row }, byRule);
  });
  expect(idle).toEqual([]);
});

test.each([
  ['vault.key.rotated', 'Somebody rotated vault key x_1'],
  ['vault.sso.failed', 'Somebody failed at vault SSO'],
  ['vault.quota.increase', 'Somebody caused vault.quota.increase on x_1'],
  ['vaulted', 'Somebody caused vaulted'],
  [undefined, 'Somebody caused an event without a type'],
])('a type nobody knows reads as a sentence: %s', (type, summary) => {
  const event = type === undefined ? {} : { type, [type]: { id: 'x_1' } };
  expect(map(observed(event)).attributes['openai.audit.summary']).toBe(summary);
});
