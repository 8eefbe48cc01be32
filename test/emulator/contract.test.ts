import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import type { AuditLogListParams } from 'openai/resources/admin/organization/audit-logs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { type EmulatorServer, serve } from '../../src/emulator/server.ts';
import { START_MS, START_S } from './support/ask.ts';

let emulator: Emulator;
let server: EmulatorServer;
let admin: OpenAI['admin']['organization'];

beforeAll(async () => {
  const content = { kind: 'story', seed: 'contract', historyMs: 30 * 86_400_000 } as const;
  emulator = createEmulator({ content, startMs: START_MS });
  server = await serve(emulator, { port: 0 });
  admin = clientWith(DEMO_KEY);
});
afterEach(() => emulator.clearFaults());
afterAll(() => server.close());

function clientWith(adminAPIKey: string): OpenAI['admin']['organization'] {
  return new OpenAI({ adminAPIKey, baseURL: server.url, maxRetries: 0, timeout: 5000 }).admin.organization;
}

/** What the emulator says that it lists, newest first. */
function truth(stream: 'organization' | 'tenant', matches: (event: Record<string, unknown>) => boolean): string[] {
  return [...emulator.organization.listed(stream)].filter(event => matches(event.content())).map(({ id }) => id);
}

async function idsOf(pages: AsyncIterable<{ readonly id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of pages) ids.push(id);
  return ids;
}

const all = (query: AuditLogListParams) => idsOf(admin.auditLogs.list({ limit: 100, ...query }));

test('the pager walks through every event of both streams, once, newest first', async () => {
  const organization = await all({});
  expect(organization).toEqual(truth('organization', () => true));
  expect(organization.length).toBeGreaterThan(1000);
  expect(await all({ tenant_only: true, limit: 37 })).toEqual(truth('tenant', () => true));
});

test('a page is 20 events without a limit', async () => {
  const page = await admin.auditLogs.list();
  expect([page.data.length, page.has_more, page.last_id]).toEqual([20, true, page.data.at(-1)?.id]);
});

test('each time filter reaches the emulator', async () => {
  const page = await admin.auditLogs.list({ limit: 100, effective_at: { lt: START_S - 86_400 } });
  const at = page.data[50]?.effective_at ?? 0;
  const span = { gte: at - 36_000, lte: at };
  const inside = (event: Record<string, unknown>) =>
    Number(event.effective_at) >= span.gte && Number(event.effective_at) <= at;
  const expected = truth('organization', inside);
  expect(expected.length).toBeGreaterThan(5);
  expect(await all({ effective_at: span })).toEqual(expected);
  expect(await all({ effective_at: { gt: span.gte - 1, lt: at + 1 } })).toEqual(expected);
});

test('types, projects, actors, emails and resources are filtered', async () => {
  const page = await admin.auditLogs.list({ event_types: ['api_key.created'], limit: 100 });
  const example = page.data.find(({ actor, project }) => actor?.session?.user?.email && project?.id);
  const [projectId, user, keyId] = [
    example?.project?.id,
    example?.actor?.session?.user,
    example?.['api_key.created']?.id,
  ];
  if (!projectId || !user?.id || !user.email || !keyId) throw new Error('no key was made in a session');
  const has =
    (...texts: string[]) =>
    (event: Record<string, unknown>) =>
      texts.every(text => JSON.stringify(event).includes(text));

  const types = ['api_key.created', 'project.created'] as const;
  expect(await all({ event_types: [...types] })).toEqual(
    truth('organization', ({ type }) => types.includes(type as (typeof types)[number])),
  );
  expect(await all({ project_ids: [projectId] })).toEqual(truth('organization', has(`"project":{"id":"${projectId}"`)));
  const byUser = truth('organization', ({ actor }) => JSON.stringify(actor ?? null).includes(`"${user.id}"`));
  expect(await all({ actor_ids: [user.id] })).toEqual(byUser);
  expect(await all({ actor_emails: [user.email] })).toEqual(byUser);
  expect(await all({ resource_ids: [keyId] })).toContain(example?.id);
  expect(await all({ resource_ids: [keyId], actor_ids: ['user-nobody'] })).toEqual([]);
});

test('before gives the page that ends there', async () => {
  const [first] = (await admin.auditLogs.list({ limit: 5 })).data;
  const second = await admin.auditLogs.list({ limit: 5, after: first?.id ?? '' });
  const back = await admin.auditLogs.list({ limit: 2, before: second.data[2]?.id ?? '' });
  expect(back.data.map(({ id }) => id)).toEqual(second.data.slice(0, 2).map(({ id }) => id));
});

test('users and projects are listed page by page and found one by one', async () => {
  const users = await idsOf(admin.users.list({ limit: 10 }));
  expect(users).toEqual(emulator.organization.estate.users.map(({ id }) => id));
  expect(await admin.users.retrieve(users[3] ?? '')).toMatchObject({ id: users[3], object: 'organization.user' });
  const [user] = (await admin.users.list({ limit: 1 })).data;
  expect(await idsOf(admin.users.list({ emails: [user?.email ?? ''] }))).toEqual([user?.id]);
  const projects = await idsOf(admin.projects.list({ limit: 2, include_archived: true }));
  expect(projects).toEqual(emulator.organization.estate.projects.map(({ id }) => id));
  expect(await admin.projects.retrieve(projects[0] ?? '')).toMatchObject({ object: 'organization.project' });
});

test('each error is the class of error that the client has for it', async () => {
  emulator.keys.set('sk-admin-narrow', []);
  const list = (key: string) => clientWith(key).auditLogs.list();
  await expect(list('sk-admin-wrong')).rejects.toThrow(AuthenticationError);
  await expect(list('sk-admin-wrong')).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  await expect(list('sk-admin-narrow')).rejects.toThrow(PermissionDeniedError);
  await expect(list('sk-admin-narrow')).rejects.toThrow('Missing scopes: api.audit_logs.read');
  await expect(admin.users.retrieve('user-nobody')).rejects.toThrow(NotFoundError);
  await expect(admin.auditLogs.list({ limit: 101 })).rejects.toThrow(BadRequestError);
  await expect(admin.auditLogs.list({ limit: 101 })).rejects.toMatchObject({
    param: 'limit',
    type: 'invalid_request_error',
    requestID: expect.stringMatching(/^req_/),
  });
  await expect(admin.auditLogs.list({ tenant_only: true, event_types: ['user.added'] })).rejects.toThrow(
    BadRequestError,
  );
});

test('limits and faults are the errors that the client knows', async () => {
  emulator.limit('/organization/projects', { requests: 0, perMs: 60_000, retryAfter: true });
  const limited = await admin.projects.list().catch((error: unknown) => error);
  emulator.limit('/organization/projects', undefined);
  expect(limited).toBeInstanceOf(RateLimitError);
  expect((limited as RateLimitError).headers?.get('retry-after')).toBe('60');

  emulator.addFaults([{ kind: 'status', status: 503 }, { kind: 'reset' }, { kind: 'hang' }]);
  await expect(admin.auditLogs.list()).rejects.toThrow(InternalServerError);
  await expect(admin.auditLogs.list()).rejects.toThrow(APIConnectionError);
  await expect(admin.auditLogs.list({}, { timeout: 50 })).rejects.toThrow(APIConnectionTimeoutError);
});

test('a request id comes with each answer', async () => {
  const { request_id: id } = await admin.auditLogs.list({ limit: 1 }).withResponse();
  expect(id).toMatch(/^req_[0-9a-f]{32}$/);
});
