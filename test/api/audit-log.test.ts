import { expect, it } from 'vitest';
import { listAuditLogs } from '../../src/api/audit-log.ts';
import { parseDocuments } from '../../src/api/json-documents.ts';

async function listed(data: string) {
  const body = `{"object":"list","data":[${data}],"has_more":false}`;
  const client = { get: async () => parseDocuments(body) };
  const query = { stream: 'organization', limit: 100, priority: 'live' } as const;
  const { events } = await listAuditLogs(client, query, new AbortController().signal);
  return events;
}

it('keeps each number of an event as the API wrote it', async () => {
  const text =
    '{"id":"audit_log-1","type":"t.updated","effective_at":1760000000,"t.updated":{"id":9007199254740993,"x":1e400}}';
  expect(await listed(text)).toEqual([
    { uid: 'audit_log-1', type: 't.updated', effectiveAt: 1_760_000_000, timeIsNeighbours: false, text },
  ]);
});

it('reads the time of an event, however many digits it has', async () => {
  const [event] = await listed('{"id":"audit_log-1","effective_at":1760000000.12345678901}');
  expect(event).toMatchObject({ effectiveAt: 1_760_000_000, timeIsNeighbours: false });
});

it('lists an event that is nested deeper than JSON.stringify can go', async () => {
  const text = `{"id":"audit_log-1","t":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  expect(await listed(text)).toMatchObject([{ uid: 'audit_log-1', text }]);
});
