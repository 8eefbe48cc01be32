import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulate } from '../../src/commands/emulate.ts';
import { EXIT } from '../../src/errors.ts';

interface Running {
  /** What it printed when it listened. */
  readonly line: string;
  readonly url: string;
  stop(): Promise<number>;
}

/** Runs the command on a free port until it listens. */
async function start(...argv: string[]): Promise<Running> {
  const controller = new AbortController();
  const { promise: listening, resolve } = Promise.withResolvers<string>();
  const exit = emulate(['--port', '0', ...argv], io(controller.signal, resolve));
  const line = await Promise.race([listening, exit.then(code => Promise.reject(new Error(`ended with ${code}`)))]);
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  return {
    line,
    url,
    stop() {
      controller.abort();
      return exit;
    },
  };
}

function io(signal: AbortSignal, write: (text: string) => void): Parameters<typeof emulate>[1] {
  return { stdout: { write }, stderr: { write }, env: {}, signal };
}

function fails(...argv: string[]): Promise<unknown> {
  return emulate(
    argv,
    io(new AbortController().signal, () => {}),
  ).catch((error: unknown) => error);
}

test('says where it listens and what it has, and ends with 0 when it is told to stop', async () => {
  const running = await start('--seed', 'x', '--history', '5d', '--start', '2026-11-22T12:00:00Z');
  expect(running.line).toMatch(
    /^emulated organization listening on http:\/\/127\.0\.0\.1:\d+\/v1 \(key sk-admin-demo, [\d,]+ events since 2026-11-17\)\n$/,
  );
  const headers = { authorization: 'Bearer sk-admin-demo' };
  const response = await fetch(`${running.url}/organization/audit_logs`, { headers });
  expect(response.status).toBe(200);
  expect(await running.stop()).toBe(EXIT.ok);
  await expect(fetch(running.url)).rejects.toThrow();
});

test('takes key, latency, limit and where tenant events stand from its options', async () => {
  const running = await start(
    ...['--key', 'sk-admin-mine', '--rate-limit', '1/h', '--latency', '20ms', '--tenant-in-both'],
    ...['--history', '10d', '--rate', '0'],
  );
  const headers = { authorization: 'Bearer sk-admin-mine' };
  const path = `${running.url}/organization/audit_logs?event_types[]=tenant.user.added`;
  const before = performance.now();
  const response = await fetch(path, { headers });
  expect(performance.now() - before).toBeGreaterThan(19);
  const { data } = (await response.json()) as { data: unknown[] };
  expect(data.length).toBeGreaterThan(0);
  expect((await fetch(path, { headers })).status).toBe(429);
  expect(await running.stop()).toBe(EXIT.ok);
});

test('serves the events of a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulate-'));
  await writeFile(join(folder, 'one.json'), '{"id":"one","type":"login.succeeded","effective_at":1760472653}');
  const running = await start('--events', folder);
  expect(running.line).toContain('1 events since 2025-10-14');
  await running.stop();
  await writeFile(join(folder, 'two.json'), '{');
  expect(await fails('--port', '0', '--events', folder)).toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringContaining(join(folder, 'two.json')),
  });
  await rm(folder, { recursive: true });
});

test('has the size that its options say', async () => {
  const running = await start('--history', '0d', '--projects', '12', '--users', '40', '--groups', '7');
  const headers = { authorization: 'Bearer sk-admin-demo' };
  const count = async (path: string) => {
    const response = await fetch(`${running.url}/organization/${path}?limit=100`, { headers });
    return ((await response.json()) as { data: unknown[] }).data.length;
  };
  expect([await count('projects'), await count('users'), await count('groups')]).toEqual([12, 40, 7]);
  expect(await running.stop()).toBe(EXIT.ok);
});

test('a port in use is an error that names --port', async () => {
  const holder = createServer();
  await new Promise<void>(resolve => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(await fails('--port', String(port), '--history', '0d')).toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringContaining(`--port ${port}: the port is in use`),
  });
  holder.close();
});

test.each([
  [['--port', 'http']],
  [['--port', '70000']],
  [['--history', 'long']],
  [['--rate', 'fast']],
  [['--start', 'yesterday']],
  [['--latency', '5']],
  [['--rate-limit', '10 a minute']],
  [['--users', '1.5']],
  [['--projects', 'many']],
  [['--events', '/nowhere', '--seed', '1']],
  [['--events', '/nowhere', '--groups', '1']],
  [['--events', '/nowhere']],
])('refuses %j and names the option', async argv => {
  expect(await fails(...argv)).toMatchObject({ exitCode: EXIT.usage, message: expect.stringContaining(argv[0] ?? '') });
});

test('refuses an option that does not exist, and shows those that do', async () => {
  expect(await fails('--ports', '1')).toMatchObject({
    message: expect.stringContaining('There is no option "--ports". Did you mean --port?'),
  });
  let help = '';
  const write = (text: string) => {
    help += text;
  };
  expect(await emulate(['--help'], io(new AbortController().signal, write))).toBe(EXIT.ok);
  for (const option of ['--port', '--seed', '--history', '--rate', '--events']) expect(help).toContain(option);
});
