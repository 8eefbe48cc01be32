import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../src/cli.ts';
import { EXIT } from '../../src/errors.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { THINGS } from '../graph/things.ts';

const folder = mkdtempSync(join(tmpdir(), 'graph-'));
const state = join(folder, 'state.db');
let running: Storage;

beforeAll(async () => {
  // The collector that has the state runs on.
  running = await openStorage(state);
  for (const organization of ['acme', 'beta']) {
    const changes = THINGS.map(({ reportedMs, ...thing }) => {
      return { ...thing, change: 'added' as const, atMs: reportedMs, facts: '{}' };
    });
    await running.recordInventory(organization, changes, [{ list: '/list', state: 'read' }]);
    if (organization === 'beta') return;
    const waiting = await running.waitingInventory(organization, 100, 0);
    await running.settleInventory(
      organization,
      waiting.map(({ seq }) => ({ seq, fate: 'acknowledged' })),
    );
  }
});

afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function ran(names: readonly string[], ...argv: readonly string[]) {
  const config = join(folder, `${names.join('-')}.yaml`);
  const organizations = names.map(name => `  - { name: ${name}, admin_key: sk-admin-test }\n`).join('');
  writeFileSync(config, `organizations:\n${organizations}storage: { path: ${state} }\n`, { mode: 0o600 });
  const texts = { out: '', err: '' };
  const signal = new AbortController().signal;
  const stdout = { write: (text: string) => (texts.out += text) };
  const stderr = { write: (text: string) => (texts.err += text) };
  const code = await cli(['graph', '--config', config, ...argv], { stdout, stderr, env: {}, signal });
  return { code, ...texts };
}

describe('graph', () => {
  it.each([
    ['json', /^\{\n {2}"organization": "acme"/],
    ['dot', /^digraph "acme" \{/],
    ['mermaid', /^flowchart LR\n/],
    ['cypher', /^CREATE INDEX IF NOT EXISTS FOR \(n:OpenAIApiKey\)/],
    ['graphml', /^<\?xml version="1\.0"/],
  ])('writes %s of what was acknowledged, beside a running collector', async (format, begins) => {
    const { code, out } = await ran(['acme'], '--format', format);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(begins);
    expect(out).toContain('key_2');
  });

  it('writes only what is near an id, and of that only some kinds', async () => {
    const { out } = await ran(['acme', 'beta'], '--organization', 'acme', '--around', 'user-1', '--kind', 'api_key');
    const { nodes, edges } = JSON.parse(out);
    expect(nodes.map(({ id }: { id: string }) => id)).toEqual(['key_1', 'key_2']);
    expect(edges).toEqual([]);
    const near = await ran(['acme'], '--around', 'user-1', '--depth', '0');
    expect(JSON.parse(near.out).nodes).toHaveLength(1);
  });

  it('says what to do when nothing was acknowledged yet', async () => {
    const { code, err } = await ran(['beta']);
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('No inventory of beta is known yet. `run` reads it');
  });

  it.each([
    [['--format', 'jsn'], '--format: "jsn" is not known. Did you mean json?'],
    [['--kind', 'teapot'], '--kind: "teapot" is none of organization, '],
    [['--kind', 'project_member'], '--kind: "project_member"'],
    [['--around', 'user-9'], '--around: nothing has the id "user-9". Did you mean user-1?'],
    [['--around', 'zzme'], 'nothing has the id "zzme".\n'],
    [['--around', 'user-1', '--depth', '-1'], '--depth'],
    [['--depth', '1'], '--depth says how near to --around'],
    [['--organization', 'acne'], 'Did you mean acme?'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await ran(['acme'], ...argv);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(message);
  });

  it('asks which organization is meant', async () => {
    const { code, err } = await ran(['acme', 'beta']);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('--organization is needed, as there are several: acme, beta');
  });

  it('says how it is used', async () => {
    const { code, out } = await ran(['acme'], '--help');
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/--format F +json, dot, mermaid, cypher, graphml/);
    expect(out).toContain('role_assignment');
  });
});
