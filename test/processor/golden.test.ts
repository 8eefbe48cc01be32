import { expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { textAt } from '../../src/processor/json.ts';
import { EVERY_TYPE } from './every-type.ts';
import { goldenRecord, readGolden } from './golden.ts';
import { observed } from './observed-event.ts';

const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'event', severity: {} });
const cases = readGolden().flatMap(({ group, events, expected }) =>
  events.map((event, index) => [`${group}: ${textAt(event, 'id') ?? index}`, event, expected[index]] as const),
);

/** Where a difference is meant, `npm run golden` writes the records anew. */
test.each(cases)('makes the golden record of %s', (_, event, expected) => {
  expect(goldenRecord(event)).toEqual(expected);
});

test.each(cases)('keeps all of %s as Body', (_, event) => {
  expect(map(observed(event)).body).toBe(event);
});

test('there is a golden event of each type', () => {
  const told = new Set(cases.map(([, event]) => textAt(event, 'type')));
  expect(Object.keys(EVERY_TYPE).filter(type => !told.has(type))).toEqual([]);
});
