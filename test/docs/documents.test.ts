import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { partIn } from '../../scripts/docs/part.ts';
import { PARTS } from '../../scripts/docs/parts.ts';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { observed } from '../processor/observed-event.ts';

it.each(PARTS)('$name is in the document as `npm run docs` makes it', ({ file, name, text }) => {
  expect(partIn(readFileSync(file, 'utf8'), name)).toBe(text);
});

describe('the example of privacy', () => {
  const event = {
    type: 'login.succeeded',
    actor: {
      session: {
        user: { email: 'ada@example.com' },
        ip_address: '203.0.113.7',
        user_agent: 'Mozilla/5.0',
        ip_address_details: { city: 'Berlin', country: 'DE' },
      },
    },
  };
  const map = createAuditLogProcessor({
    organizations: [],
    resourceAttributes: {},
    body: 'event',
    severity: {},
    privacy: {
      rules: { 'user.email': 'hash', 'client.address': 'truncate', 'user_agent.original': 'drop' },
      key: '0123456789abcdef',
    },
  });
  const document = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8');

  it.each(['user.email', 'actor.ip', 'openai.audit.summary'])('shows %s as it is', attribute => {
    expect(document).toContain(`| \`${map(observed(event)).attributes[attribute]}\` |`);
  });
});
