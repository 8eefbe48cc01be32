import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationJsonSchema } from '../../src/config/json-schema.ts';
import { configurationKeys } from '../../src/config/reference.ts';

const CONFIG = new URL('../../config/', import.meta.url);

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, useDefaults: false }).compile(
  configurationJsonSchema(),
);

describe('the JSON Schema of the configuration', () => {
  it('is shipped as the code says it', async () => {
    const shipped = JSON.parse(await readFile(new URL('schema.json', CONFIG), 'utf8'));
    expect(shipped, 'npm run docs writes it').toEqual(configurationJsonSchema());
  });

  it('is named in the first line of the shipped configuration, which it accepts', async () => {
    const text = await readFile(new URL('default.yaml', CONFIG), 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json');
    expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
  });

  it('explains every key', () => {
    const schema = JSON.stringify(configurationJsonSchema());
    for (const { doc } of configurationKeys()) expect(schema).toContain(JSON.stringify(doc).slice(1, -1));
  });

  it.each<[string, unknown, boolean]>([
    [
      'a whole configuration',
      {
        organizations: [
          { admin_key: `\${env:KEY}`, audit_logs: { streams: ['tenant'], reverify: [{ last: '1d', every: '1h' }] } },
        ],
        exporter: {
          protocol: 'http/protobuf',
          timeout: '1m30s',
          headers: { authorization: 'x' },
          batch: { max_bytes: 100000 },
        },
        records: { severity: { 'logout.succeeded': 'debug', 'login.failed': 17 } },
      },
      true,
    ],
    [
      'a reference where a word or a number is wanted',
      { exporter: { protocol: `\${env:P}`, batch: { max_records: `\${N}` } } },
      true,
    ],
    ['a section without anything in it', { exporter: null }, true],
    ['an unknown key', { exporter: { endpoit: 'http://localhost:4318' } }, false],
    ['another word', { exporter: { protocol: 'grpc' } }, false],
    ['a duration that is none', { organizations: [{ audit_logs: { poll_interval: 'fast' } }] }, false],
    ['too many', { exporter: { batch: { max_records: 100_000 } } }, false],
  ])('judges %s', (_name, document, valid) => {
    expect(validate(document)).toBe(valid);
  });
});
