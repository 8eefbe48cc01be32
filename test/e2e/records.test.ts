import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mmdb } from '../support/mmdb.ts';
import { stage } from './stage.ts';

const content = { kind: 'story', seed: 'e2e', historyMs: 3 * 86_400_000 } as const;
const HASH = /^[0-9a-f]{32}$/;
/** Everybody of the story is in one of these. */
const EVERYWHERE = Object.fromEntries(
  ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'].map(network => [network, { isp: 'Example Telecom' }]),
);

async function configured() {
  const opened = await stage({ content });
  const database = join(opened.directory, 'isp.mmdb');
  const file = join(opened.directory, 'records.yaml');
  await writeFile(database, mmdb(EVERYWHERE));
  const config = {
    organizations: [{ name: 'acme' }],
    storage: { path: opened.state },
    enrichment: { geoip: { databases: [database] } },
    records: { privacy: { 'user.email': 'hash', 'client.address': 'truncate' }, privacy_key: 'a key for tests only' },
  };
  await writeFile(file, JSON.stringify(config));
  return { ...opened, database, run: (...args: string[]) => opened.run(['--config', file, ...args]) };
}

it('what a rule hides leaves in no request, and what a database knows arrives', async () => {
  const { run, backend, listed } = await configured();
  const program = await run('--once');
  expect(await program.exited, program.stderr()).toEqual({ code: 0, signal: null });
  const records = backend.requests.flatMap(request => request.records);
  const events = records.filter(record => record.resource['service.name'] === 'openai-audit');
  expect(events.map(({ uid }) => uid).toSorted()).toEqual(listed());
  const addressed = events.filter(({ attributes }) => attributes['client.address'] !== undefined);
  expect(addressed.length).toBeGreaterThan(0);
  for (const { attributes } of addressed) {
    expect(attributes['openai.audit.client.isp']).toBe('Example Telecom');
    expect(attributes['client.address']).toMatch(/\.0$/);
  }
  expect(events.some(({ attributes }) => HASH.test(String(attributes['user.email'])))).toBe(true);
  const emails = new Set(events.flatMap(({ attributes }) => attributes['user.email'] ?? []));
  expect([...emails].filter(email => String(email).includes('@'))).toEqual([]);
  const things = records.filter(record => record.resource['service.name'] === 'openai-inventory');
  const people = things.filter(({ attributes }) => attributes['entity.type'] === 'openai.user');
  expect(people.length).toBeGreaterThan(0);
  for (const { attributes } of people) {
    expect(attributes['entity.description']).toMatchObject({
      name: expect.stringMatching(HASH),
      email: expect.stringMatching(HASH),
    });
  }
  expect(JSON.stringify(things)).not.toMatch(/@[\w.]*example/);
  expect(JSON.stringify(records)).not.toMatch(/\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.[1-9]\d*\b(?!\/)/);
});

it('a damaged database stops the start', async () => {
  const { run, database } = await configured();
  await writeFile(database, 'half a file');
  const refused = await run();
  expect(await refused.exited).toEqual({ code: 2, signal: null });
  expect(refused.stderr()).toContain(`enrichment.geoip.databases[0]: ${database} cannot be used: it is no database`);
});
