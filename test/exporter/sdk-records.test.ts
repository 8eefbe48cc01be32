import { readFileSync } from 'node:fs';
import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer';
import { expect, it } from 'vitest';
import { SCHEMA_URL, toSdkRecords } from '../../src/exporter/sdk-records.ts';
import { logRecord } from '../support/log-record.ts';

it('records name the version of the semantic conventions, beside their scope', () => {
  const bytes = JsonLogsSerializer.serializeRequest(toSdkRecords([logRecord('a')], { name: 'scope', version: '7' }));
  expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({
    resourceLogs: [{ scopeLogs: [{ scope: { name: 'scope', version: '7' }, schemaUrl: SCHEMA_URL }] }],
  });
});

it('that version is the one that the names are checked against', () => {
  const manifest = new URL('../package.json', import.meta.resolve('@opentelemetry/semantic-conventions'));
  const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  expect(SCHEMA_URL).toBe(`https://opentelemetry.io/schemas/${version}`);
});

it('an attribute that holds one object twice is sent with both', () => {
  const id = { 'user.id': 'user-1' };
  const [record] = toSdkRecords([logRecord('a', { attributes: { ends: [{ id }, { id }] } })], {
    name: 'scope',
    version: '7',
  });
  expect(record?.attributes).toMatchObject({ ends: [{ id }, { id }] });
});
