import { describe, expect, it } from 'vitest';
import { configurationKeys, configurationTable } from '../../src/config/reference.ts';

describe('the reference of the configuration', () => {
  it('knows every key with its default, its variables and its meaning', () => {
    expect(configurationKeys().find(({ key }) => key === 'exporter.timeout')).toEqual({
      key: 'exporter.timeout',
      default: '10s',
      required: false,
      variables: ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
      accepts: 'a duration from 1s to 5m',
      doc: 'How long one attempt may take.',
    });
  });

  it('shows defaults as YAML', () => {
    const defaults = Object.fromEntries(configurationKeys().map(each => [each.key.split('.').at(-1), each.default]));
    expect(defaults).toMatchObject({
      streams: '[organization, tenant]',
      reverify: '[{ last: 24h, every: 1h }, { last: 30d, every: 24h }, { last: 180d, every: 7d }]',
      headers: '{}',
      exclude_types: '[]',
      admin_key: undefined,
      id: undefined,
    });
  });

  it('makes a table with one row of four cells for each key', () => {
    const [head, line, ...rows] = configurationTable().split('\n');
    expect([head, line]).toEqual(['| Key | Default | Meaning | Where the YAML is silent |', '|---|---|---|---|']);
    expect(rows.map(row => row.split(' | ')[0])).toEqual(configurationKeys().map(({ key }) => `| \`${key}\``));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(5);
  });
});
