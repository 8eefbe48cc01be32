import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { configurationKeys } from '../../src/config/reference.ts';

const FILE = new URL('../../config/default.yaml', import.meta.url);
const ENV = { OPENAI_ADMIN_KEY: 'sk-admin-0123456789' };

/** Explanations start with `##`; a setting that is switched off starts with `# `. The first line is for editors. */
function switchedOn(yaml: string): string {
  return yaml.replace(/^( *)# (?!yaml-language-server)/gm, '$1').replace(/^( *)#$/gm, '$1');
}

describe('config/default.yaml', () => {
  it('says no more than the environment alone', async () => {
    const yaml = await readFile(FILE, 'utf8');
    const shipped = await loadConfig({ path: 'default.yaml', env: ENV, readFile: async () => yaml });
    const { config, warnings } = await loadConfig({ env: ENV });
    expect(shipped).toMatchObject({ config, warnings });
  });

  it('leaves the word to the standard variables', async () => {
    const env = { ...ENV, OPENAI_BASE_URL: 'http://localhost:1/v1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:2' };
    const { config } = await loadConfig({ path: FILE.pathname, env });
    expect([config.organizations[0]?.baseUrl, config.exporter.logsUrl]).toEqual([
      'http://localhost:1/v1',
      'http://localhost:2/v1/logs',
    ]);
  });

  it('shows the defaults: with every setting switched on nothing changes', async () => {
    const yaml = switchedOn(await readFile(FILE, 'utf8'));
    const complete = await loadConfig({ path: 'default.yaml', env: ENV, readFile: async () => yaml });
    const { config, warnings } = await loadConfig({ env: ENV });
    expect(complete).toMatchObject({ config, warnings });
  });

  it('holds every key, in the order of the documentation and with its default', async () => {
    const yaml = switchedOn(await readFile(FILE, 'utf8'));
    const settings = [...yaml.matchAll(/^ *(?:- )?([a-z_]+):(.*)$/gm)];
    const sections = new Set(configurationKeys().flatMap(({ key }) => key.replace('[]', '').split('.').slice(0, -1)));
    const shown = settings.filter(([, name = '']) => !sections.has(name) || name === 'reverify');
    const named = configurationKeys().map(({ key }) => key.split('.').at(-1) ?? '');
    expect(shown.map(([, name]) => name).toSorted()).toEqual(named.toSorted());
    for (const { key, default: fallback } of configurationKeys()) {
      const line = shown.find(
        ([, name, value]) => name === key.split('.').at(-1) && (value?.trim() ?? '') === (fallback ?? ''),
      );
      if (!/reverify|admin_key/.test(key)) expect(line, key).toBeDefined();
    }
  });
});
