import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/emulator.ts';
import { type EmulatorServer, isLoopback, serve } from '../../src/emulator/server.ts';
import { event } from './support/ask.ts';

let server: EmulatorServer | undefined;
afterEach(async () => server?.close());

async function started(options: Partial<EmulatorOptions> = {}): Promise<{ emulator: Emulator; url: string }> {
  const emulator = createEmulator({ content: { kind: 'events', events: [event('e1', 1)] }, ...options });
  server = await serve(emulator, { port: 0 });
  return { emulator, url: server.url };
}

interface Received {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Code of the error that ended it, if one did. */
  readonly failure?: string;
}

function get(url: string, signal?: AbortSignal): Promise<Received> {
  return new Promise(resolve => {
    let body = '';
    const headers = { authorization: 'Bearer sk-admin-demo' };
    const sent = request(url, { headers, ...(signal && { signal }) }, response => {
      const { statusCode: status, headers } = response;
      response.on('data', chunk => {
        body += chunk;
      });
      response.on('end', () => resolve({ status, headers, body }));
      response.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ status, headers, body, failure: error.code ?? error.name });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: undefined, headers: {}, body, failure: error.code ?? error.name });
    });
    sent.end();
  });
}

test('answers over HTTP with the headers of the API and no others of its own', async () => {
  const { url } = await started({ startMs: Date.parse('2020-02-02T02:02:02Z') });
  const { status, headers, body } = await get(`${url}/organization/audit_logs?limit=1`);
  expect(status).toBe(200);
  expect(headers.date).toMatch(/^Sun, 02 Feb 2020 02:02:0/);
  expect(headers['content-length']).toBe(String(body.length));
  expect(JSON.parse(body).first_id).toBe('e1');
});

test('a reset, a truncated body and a hang are what their names say', async () => {
  const { emulator, url } = await started();
  emulator.addFaults([{ kind: 'reset' }, { kind: 'truncated', bytes: 20 }, { kind: 'hang' }]);
  const path = `${url}/organization/audit_logs`;
  expect(await get(path)).toMatchObject({ status: undefined, failure: 'ECONNRESET' });
  expect(await get(path)).toMatchObject({ status: 200, body: '{"object":"list","da', failure: 'ECONNRESET' });
  const controller = new AbortController();
  const hanging = get(path, controller.signal);
  expect(await get(path)).toMatchObject({ status: 200 });
  controller.abort();
  expect(await hanging).toMatchObject({ failure: 'ABORT_ERR' });
});

test('without a Date when a fault takes it away', async () => {
  const { emulator, url } = await started();
  emulator.addFaults([{ kind: 'headers', headers: { date: null } }]);
  expect((await get(`${url}/organization/audit_logs`)).headers).not.toHaveProperty('date');
});

test('closing ends what hangs', async () => {
  const { emulator, url } = await started();
  emulator.addFaults([{ kind: 'hang' }, { kind: 'slow', delayMs: 600_000 }]);
  const both = [get(`${url}/organization/audit_logs`), get(`${url}/organization/audit_logs`)];
  await expect.poll(() => emulator.requests.total).toBe(2);
  await server?.close();
  for (const ended of await Promise.all(both)) expect(ended.failure).toBe('ECONNRESET');
});

test('takes control requests over HTTP', async () => {
  const { emulator, url } = await started();
  const control = `${url.replace('/v1', '')}/_emulator/faults`;
  const response = await fetch(control, { method: 'POST', body: '{"faults":[{"kind":"hang"}]}' });
  expect([response.status, emulator.pendingFaults()]).toEqual([200, [{ kind: 'hang' }]]);
});

test('a port in use is refused with the reason of the system', async () => {
  const { emulator } = await started();
  const port = server?.port ?? 0;
  await expect(serve(emulator, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('only addresses of this machine are loopback', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '1127.0.0.1', undefined].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
