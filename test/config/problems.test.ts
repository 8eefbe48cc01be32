import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { EXIT, ExitError } from '../../src/errors.ts';

const FIXTURES = new URL('../fixtures/config/', import.meta.url);
const NAMES = readdirSync(FIXTURES)
  .filter(name => name.endsWith('.yaml'))
  .sort();
const ENV = { ACME_KEY: 'sk-admin-acme-secret', BETA_KEY: 'sk-admin-beta-secret', EMPTY: '', SLOW: 'slow' };

/** The YAML files lie among the fixtures; beside them only one certificate exists. */
async function readFixture(path: string): Promise<string> {
  if (path === '/etc/ssl/present.pem') return 'PEM';
  return readFile(path.startsWith('/') ? path : new URL(path, FIXTURES), 'utf8');
}

async function messageOf(name: string): Promise<string> {
  const error = await loadConfig({ path: name, env: ENV, readFile: readFixture }).then(
    () => new Error(`${name} was accepted`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ExitError)) throw error;
  expect(error.exitCode).toBe(EXIT.usage);
  return `${error.message}\n`;
}

/** Each bad file has beside it, as .txt, all that a person is told about it. */
describe('a bad configuration', () => {
  it.each(NAMES)('is explained at once and whole: %s', async name => {
    await expect(await messageOf(name)).toMatchFileSnapshot(new URL(name.replace('.yaml', '.txt'), FIXTURES).pathname);
  });

  it.each(NAMES)('gives no secret away: %s', async name => {
    expect((await messageOf(name)).replaceAll('/run/secrets/', '')).not.toMatch(/secret|12345678/);
  });

  it('pollutes no prototype', async () => {
    await messageOf('prototype.yaml');
    expect({}).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('name');
  });
});
