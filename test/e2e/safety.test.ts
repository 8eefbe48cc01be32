import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import { type RunningProcess, until } from '../support/process.ts';
import { received, stage } from './stage.ts';

const content = { kind: 'story', seed: 'safety', historyMs: 86_400_000 } as const;

/** What no output may hold. */
const PLANTED = {
  key: 'sk-admin-planted-0123456789abcdefghij',
  token: 'planted-token-4f2a9c',
  query: 'planted-in-the-url-77',
  privacy: 'planted-privacy-key-31337',
};

function config(state: string, more: Readonly<Record<string, unknown>> = {}): string {
  const { exporter, ...rest } = more;
  return JSON.stringify({
    organizations: [
      {
        name: 'acme',
        admin_key: `\${file:${join(state, '..', 'key')}}`,
        audit_logs: { poll_interval: '1s', start_from: '60d' },
        inventory: { enabled: false },
      },
    ],
    exporter: { timeout: '3s', ...(exporter as object) },
    storage: { path: state },
    health: { endpoint: 'localhost:0' },
    telemetry: { metrics: { prometheus: 'localhost:0' } },
    ...rest,
  });
}

describe('secrets', () => {
  it('stand in no output, whatever goes wrong', { timeout: 300_000 }, async () => {
    const { emulator, backend, directory, state, command, listed } = await stage({ content });
    const file = join(directory, 'secrets.yaml');
    const secrets = {
      exporter: {
        logs_endpoint: `${backend.origin}/v1/logs?token=${PLANTED.query}`,
        headers: { authorization: `Bearer ${PLANTED.token}` },
      },
      records: { privacy: { 'user.email': 'hash' }, privacy_key: PLANTED.privacy },
    };
    await writeFile(file, config(state, secrets));
    await writeFile(join(directory, 'key'), PLANTED.key);
    const outputs = new Map<string, string>();
    const keep = (name: string, program: RunningProcess) =>
      outputs.set(name, `${program.stdout()}\n${program.stderr()}`);
    const once = async (name: string, ...args: readonly string[]) => {
      const program = await command(name, ['--config', file, ...args]);
      await program.exited;
      keep([name, ...args].join(' '), program);
    };

    // Both sides refuse what they got, and say what that was.
    const run = await command('run', ['--config', file]);
    await run.line(/the API refuses the key/);
    emulator.addFaults([{ kind: 'status', status: 500, body: `failed for ${PLANTED.key}`, times: 3 }]);
    emulator.keys.set(PLANTED.key, 'all');
    const echo = `no access for Bearer ${PLANTED.token} at /v1/logs?token=${PLANTED.query}`;
    backend.answer({ status: 401, body: echo }, { status: 401, body: echo }, { status: 400, body: echo }, {});
    await run.line(/401/, 90_000);
    await once('doctor');
    await once('doctor', '--json');
    backend.answer();
    await until('all to be delivered', () => listed().every(uid => received(backend).includes(uid)), 120_000);
    const [, page = ''] = await run.line(/(http:\/\/localhost:\d+)\/"/);
    const [, metrics = ''] = await run.line(/(http:\/\/localhost:\d+\/metrics)/);
    for (const url of [`${page}/`, `${page}/status`, `${page}/healthz`, `${page}/readyz`, metrics]) {
      outputs.set(url, await (await fetch(url)).text());
    }
    await once('status');
    await once('validate', '--print');
    await once('verify', '--from', '1d');
    await once('replay');
    await once('graph');
    await run.end();
    keep('run', run);
    for (const name of await readdir(directory)) {
      if (name.startsWith('state.db')) outputs.set(name, (await readFile(join(directory, name))).toString('latin1'));
    }
    backend.requests.forEach(({ body, headers }, n) => {
      const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      outputs.set(`request ${n}`, text.toString('latin1'));
    });

    expect(outputs.size).toBeGreaterThan(15);
    expect(outputs.get('run')).toContain('401');
    const found = [...outputs].flatMap(([name, text]) =>
      Object.entries(PLANTED).flatMap(([secret, value]) => (text.includes(value) ? [`${secret} in ${name}`] : [])),
    );
    expect(found).toEqual([]);
  });

  it('follow no redirect', { timeout: 240_000 }, async () => {
    const elsewhere: string[] = [];
    const thief = createServer((request, response) => {
      elsewhere.push(String(request.headers.authorization));
      response.end('{}');
    });
    await new Promise<void>(resolve => thief.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void thief.close());
    const headers = { location: `http://localhost:${(thief.address() as AddressInfo).port}/v1/` };
    const { emulator, backend, run, listed } = await stage({
      content,
      exporter: { headers: { authorization: `Bearer ${PLANTED.token}` } },
    });
    emulator.addFaults([{ kind: 'status', status: 307, headers, times: 2 }]);
    backend.answer({ status: 308, headers }, {});

    const program = await run();
    await program.line(/the API redirects, and a key is never sent elsewhere/);
    await program.line(/308/, 90_000);
    await until('all to be delivered', () => listed().every(uid => received(backend).includes(uid)), 120_000);
    expect(elsewhere).toEqual([]);
  });

  it('are read again when their file changes, without a restart', { timeout: 240_000 }, async () => {
    const { backend, directory, state, command, listed } = await stage({ content });
    const file = join(directory, 'rotated.yaml');
    await writeFile(
      file,
      config(state, { exporter: { headers: { authorization: `Bearer \${file:${directory}/token}` } } }),
    );
    await writeFile(join(directory, 'key'), 'sk-admin-deleted-long-ago');
    await writeFile(join(directory, 'token'), 'old');
    backend.answerWith(({ headers }) => (headers.authorization === 'Bearer new' ? {} : { status: 401 }));

    const program = await command('run', ['--config', file]);
    await program.line(/the API refuses the key/);
    await writeFile(join(directory, 'key'), DEMO_KEY);
    await program.line(/has changed: going on with it/);
    await program.line(/401/, 60_000);
    await writeFile(join(directory, 'token'), 'new');
    await until('all to be delivered', () => listed().every(uid => received(backend).includes(uid)), 120_000);
    expect(await program.end()).toEqual({ code: 0, signal: null });
  });
});

it('an unknown certificate is refused even where the environment says otherwise', async () => {
  const { backend, run } = await stage({ content, backend: { tls: { certificate: 'server' } } });

  const program = await run([], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  await program.line(/certificate/);
  expect(backend.requests).toEqual([]);
  await program.end();
});

it('no escape sequence of an event reaches a terminal or a log', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e';
  const { emulator, backend, run, command, listed } = await stage({ content, serves: true });
  emulator.organization.append([
    {
      id: 'audit_log-evil',
      type: `login.failed${evil}`,
      effective_at: Math.floor(emulator.organization.clock.nowMs() / 1000) - 60,
      actor: { type: 'session', session: { user: { id: 'user-1', email: `${evil}@example.com` }, ip_address: evil } },
    },
  ]);
  backend.answerWith(({ records }) =>
    records.some(({ uid }) => uid === 'audit_log-evil') ? { status: 400, body: evil } : {},
  );

  const program = await run();
  await until('the rest to be delivered', () => listed().length - new Set(received(backend)).size <= 0, 120_000);
  const texts = [];
  for (const args of [['status'], ['replay'], ['verify', '--from', '1d']] as const) {
    const [name, ...rest] = args;
    const other = await command(name, rest);
    await other.exited;
    texts.push(other.stdout(), other.stderr());
  }
  await program.end();
  for (const text of [...texts, program.stdout(), program.stderr()]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
});
