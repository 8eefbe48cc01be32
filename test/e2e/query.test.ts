import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { serve } from '../../src/emulator/server.ts';
import { type RunningProcess, startProcess, startProgram, temporaryDirectory } from '../support/process.ts';

const DAY_MS = 86_400_000;

interface Scene {
  readonly emulator: Emulator;
  readonly env: Readonly<Record<string, string>>;
  readonly query: (...args: readonly string[]) => Promise<RunningProcess>;
}

async function scene(events?: readonly Record<string, unknown>[]): Promise<Scene> {
  const content = events
    ? ({ kind: 'events', events } as const)
    : ({ kind: 'story', seed: 'e2e', historyMs: 20 * DAY_MS } as const);
  const emulator = createEmulator({ content });
  const server = await serve(emulator, { port: 0 });
  onTestFinished(() => server.close());
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  const env = { OPENAI_ADMIN_KEY: DEMO_KEY, OPENAI_BASE_URL: server.url };
  return { emulator, env, query: (...args) => startProgram(['query', ...args], { env, cwd: path }) };
}

const login = (i: number, more: Record<string, unknown> = {}) => ({
  id: `audit_log-${i}`,
  type: 'login.succeeded',
  effective_at: Math.floor(Date.now() / 1000) - 60 * i,
  actor: {
    type: 'session',
    session: { user: { id: 'user-a', email: 'ada@example.com' }, user_agent: '\u001b[31mred' },
  },
  ...more,
});

describe('query', () => {
  it('answers from nothing but a key, at once', async () => {
    const { emulator, query } = await scene();
    const asked = await query(
      '--format',
      'ndjson',
      "SELECT id, type, actor_email, effective_at FROM audit_logs WHERE type LIKE 'api_key.%' AND effective_at > unixepoch('now', '-7 days')",
    );
    expect([await asked.exited, asked.stderr()]).toEqual([{ code: 0, signal: null }, '']);
    const since = Date.now() / 1000 - 7 * 86_400;
    const listed = [...emulator.organization.listed('organization')]
      .filter(({ type, effectiveAt }) => type.startsWith('api_key.') && effectiveAt > since + 5)
      .map(({ id }) => id);
    const rows = asked
      .stdout()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(listed));
    expect(listed.length).toBeGreaterThan(10);
    expect(Object.keys(rows[0])).toEqual(['id', 'type', 'actor_email', 'effective_at']);
  });

  it.each([
    ['table', 'time  type             n  made\n'],
    ['json', '[\n  {"time":"'],
    ['ndjson', '"type":"login.succeeded","n":1,"made":null}\n'],
    ['csv', 'time,type,n,made\r\n'],
  ])('writes %s', async (format, part) => {
    const { query } = await scene([login(1), login(2)]);
    const asked = await query(
      '--format',
      format,
      `SELECT substr(time, 1, 4) AS time, type, 1 AS n, "api_key.created" AS made FROM audit_logs`,
    );
    expect((await asked.exited).code).toBe(0);
    expect(asked.stdout().replaceAll('\n', '\r\n')).toContain(part.replace(/\r?\n/g, '\r\n'));
  });

  it('reads the query from stdin, and a configuration with several organizations', async () => {
    const { env } = await scene([login(1)]);
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    const one = (name: string) => `  - { name: ${name}, admin_key: ${DEMO_KEY}, base_url: "${env.OPENAI_BASE_URL}" }\n`;
    await writeFile(join(path, 'c.yaml'), `organizations:\n${one('acme')}${one('globex')}`);
    await writeFile(join(path, 'q.sql'), 'SELECT organization, count(*) AS n FROM audit_logs GROUP BY 1 ORDER BY 1;\n');
    const main = new URL('../../src/main.ts', import.meta.url).pathname;
    const run = async (more: string) => {
      const script = `exec "${process.execPath}" "${main}" query --config c.yaml --format csv ${more} < q.sql`;
      const asked = await startProcess('sh', ['-c', script], { cwd: path });
      await asked.exited;
      return asked.stdout().trim().split(/\r?\n/);
    };
    expect(await run('')).toEqual(['organization,n', 'acme,1', 'globex,1']);
    expect(await run('--organization globex')).toEqual(['organization,n', 'globex,1']);
  });

  it.each([
    ['a query that is none', ['SELECT FROM'], 2, 'query-invalid'],
    ['what does more than to read', ["VACUUM INTO 'x.db'"], 2, 'query-invalid'],
    ['a format that is none', ['--format', 'jsn', 'SELECT 1'], 2, 'usage'],
    ['an organization that is none', ['--organization', 'acme', 'SELECT 1'], 2, 'usage'],
    ['a query that fails as it runs', ["SELECT json_extract(id, '$.a') FROM audit_logs"], 1, 'query-failed'],
  ])('ends for %s', async (_, args, code, problem) => {
    const { query } = await scene([login(1)]);
    const asked = await query(...args);
    expect((await asked.exited).code).toBe(code);
    expect([asked.stderr(), asked.stdout()]).toEqual([expect.stringContaining(`[${problem}]`), '']);
  });

  it('ends with 12 for a key that is refused, and shows nothing of it', async () => {
    const { emulator, query } = await scene([login(1)]);
    emulator.keys.revoke(DEMO_KEY);
    const asked = await query('SELECT * FROM audit_logs');
    expect((await asked.exited).code).toBe(12);
    expect(asked.stderr()).toContain('[key-refused]');
    expect(asked.stderr()).not.toContain(DEMO_KEY);
  });

  it('asks nobody where nobody is, and says what to do', async () => {
    const { query } = await scene(Array.from({ length: 12_000 }, (_, i) => login(i)));
    const asked = await query('SELECT count(*) FROM audit_logs');
    expect((await asked.exited).code).toBe(2);
    expect(asked.stderr()).toMatch(/about \d+ requests\. Narrow it by time .* or say --yes/);
    const agreed = await query('--yes', '--format', 'ndjson', 'SELECT count(*) AS n FROM audit_logs');
    expect([(await agreed.exited).code, agreed.stdout()]).toEqual([0, '{"n":12000}\n']);
  });

  it('is stopped by a signal while SQLite works', async () => {
    const { query } = await scene([login(1)]);
    const asked = await query(
      'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c, audit_logs',
    );
    await new Promise(resolve => setTimeout(resolve, 3_000));
    expect((await asked.end('SIGTERM', 5_000)).signal).toBe('SIGTERM');
  });

  it('has no result when it is stopped while it reads', async () => {
    const { emulator, query } = await scene([login(1)]);
    emulator.configure({ latencyMs: 60_000 });
    const asked = await query('SELECT count(*) FROM audit_logs');
    await new Promise(resolve => setTimeout(resolve, 2_000));
    expect((await asked.end('SIGINT')).code).toBe(1);
    expect([asked.stdout(), asked.stderr()]).toEqual(['', expect.stringContaining('there is no result')]);
  });

  it('lists its tables without a key', async () => {
    const asked = await startProgram(['query', '--tables', 'projects']);
    expect((await asked.exited).code).toBe(0);
    expect(asked.stdout()).toMatch(/^projects: [\s\S]*\n {2}status /);
  });
});
