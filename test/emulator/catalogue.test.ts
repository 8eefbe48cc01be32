import { expect, test } from 'vitest';
import { EVENT_TYPES, isTenantType, TYPES_WITH_PAYLOAD, TYPES_WITHOUT_PAYLOAD } from '../../src/emulator/catalogue.ts';

test('has the 149 documented types once, 57 of them with a payload', () => {
  expect(new Set(EVENT_TYPES).size).toBe(149);
  expect([TYPES_WITH_PAYLOAD.length, TYPES_WITHOUT_PAYLOAD.length]).toEqual([57, 92]);
});

test('the tenant stream has the tenant types and the bindings of roles', () => {
  expect(EVENT_TYPES.filter(isTenantType)).toHaveLength(90);
  expect(isTenantType('role.bound_to_resource')).toBe(true);
  expect(isTenantType('role.created')).toBe(false);
});
