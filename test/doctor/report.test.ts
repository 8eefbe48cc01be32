import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Finding, fail, ok, type Result, skipped, warn } from '../../src/doctor/check.ts';
import { exitCodeFor } from '../../src/doctor/doctor.ts';
import { presentable } from '../../src/doctor/presentable.ts';
import { jsonReport, textReport } from '../../src/doctor/report.ts';

const found = (id: string, result: Result, group = 'Machine'): Finding => ({ group, id, claim: `${id} works`, result });

const FINDINGS: readonly Finding[] = [
  found('node', ok('26.1.0')),
  found('clock', warn('clock-off', 'this machine is 62 s ahead of the API')),
  found('key', fail('key-refused', 'the API refuses the key', 'set another one')),
  found('scope', skipped('waits for: Machine, key works')),
  found('one', skipped('not asked')),
  found('other', skipped('not asked')),
  found('loki', skipped('no Loki'), 'Loki'),
  found('loki-age', skipped('no Loki'), 'Loki'),
];
const REPORT = { findings: FINDINGS, requests: 13, elapsedMs: 1234 };

async function config(): Promise<Config> {
  const env = {
    OPENAI_ADMIN_KEY: 'sk-admin-very-secret',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20very-secret-token',
  };
  return (await loadConfig({ env })).config;
}

describe('the report for a person', () => {
  it('has a line for each check, with cause, action and code below what is not well', () => {
    const lines = textReport(REPORT, { width: 80, colour: false }).split('\n');
    expect(lines).toEqual([
      'Machine',
      '-------',
      '√ node works (26.1.0)',
      '‼ clock works',
      '    this machine is 62 s ahead of the API',
      '    -> Set the clock by NTP. Coverage goes by the time of the API; what the',
      '       collector says of itself, by this one. [clock-off]',
      '× key works',
      '    the API refuses the key',
      '    -> set another one [key-refused]',
      '- scope works (skipped, waits for: Machine, key works)',
      '- 2 skipped, not asked',
      '',
      'Loki',
      '----',
      '- 2 skipped, no Loki',
      '',
      '8 checks in 1.2 s, 13 requests to the API: 1 passed, 1 warned, 1 failed, 5',
      'skipped. `explain CODE` says more about a code in brackets.',
      '',
    ]);
  });

  it('is coloured only where that is wanted', () => {
    expect(textReport(REPORT, { width: 80, colour: true })).toContain('\u001b[31m×\u001b[0m key works');
    expect(textReport(REPORT, { width: 80, colour: false })).not.toContain('\u001b');
  });
});

describe('the report for a program', () => {
  it('has the same, check by check', () => {
    const report = JSON.parse(jsonReport(REPORT));
    expect(report).toMatchObject({ ok: false, requests: 13, elapsed_ms: 1234 });
    expect(report.counts).toEqual({ ok: 1, warn: 1, fail: 1, skipped: 5 });
    expect(report.checks[0]).toEqual({
      group: 'Machine',
      check: 'node',
      claim: 'node works',
      mark: 'ok',
      says: '26.1.0',
    });
    expect(report.checks[2]).toEqual({
      group: 'Machine',
      check: 'key',
      claim: 'key works',
      mark: 'fail',
      code: 'key-refused',
      cause: 'the API refuses the key',
      action: 'set another one',
    });
  });
});

describe('what is shown', () => {
  it('holds no key and no header', async () => {
    const said = fail('backend-refuses', 'no token very-secret-token for sk-admin-very-secret');
    const [finding] = presentable([found('a', said)], await config());
    expect(finding?.result).toMatchObject({ cause: 'no token [redacted] for [redacted]' });
  });

  it('steers no terminal, and is short', async () => {
    const said = fail('backend-refuses', `\u001b[2Jgone\u202e${'x'.repeat(1000)}`);
    const [finding] = presentable([found('a', said)], await config());
    const cause = finding?.result.mark === 'fail' ? finding.result.cause : '';
    expect(cause).toMatch(/^\[2Jgone x+\.\.\.$/);
    expect(cause.length).toBeLessThan(500);
  });
});

describe('the exit code', () => {
  it.each([
    [0, [ok(), warn('clock-off', '')]],
    [1, [fail('disk-low', '')]],
    [12, [fail('disk-low', ''), fail('key-refused', '')]],
  ])('is %i', (code, results) => {
    expect(exitCodeFor(results.map(result => found('a', result)))).toBe(code);
  });

  it('is 2 for a configuration that is not valid', () => {
    expect(exitCodeFor([found('configuration', fail('config-invalid', ''))])).toBe(2);
  });
});
