import { describe, expect, it, onTestFinished } from 'vitest';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import { AUDIT_LOGS } from '../../src/api/audit-log.ts';
import { until } from '../support/process.ts';
import { openStage } from '../support/stage.ts';
import { findBackend, PROMETHEUS } from './support/backend-binary.ts';
import { interpolated, type PanelQuery, queriesOf } from './support/grafana.ts';
import { type RunningPrometheus, startPrometheus } from './support/prometheus.ts';

const binary = (await findBackend(PROMETHEUS)) ?? '';

const HOURS = 1;
/** For machines under heavy load. */
const PATIENCE_MS = 120_000;
const QUERIES = DASHBOARDS.flatMap(({ build }) => queriesOf(build(), 'prometheus'));
const RETRIES = 'openai_collector_exporter_retries_total';
/** It may be closed before the first scrape. */
const MAY_BE_ZERO = ['Gaps'];

describe.skipIf(binary === '')('metrics and alerts, in a real Prometheus that scrapes a real collector', () => {
  it('fill every panel, and the alerts are evaluated: what is parked fires', async () => {
    expect(QUERIES.length).toBeGreaterThan(8);
    const prometheus = await troubled();
    await expect.poll(() => emptyQueries(prometheus), { timeout: PATIENCE_MS, interval: 500 }).toEqual([]);

    const firing = async () => (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    await expect.poll(firing, { timeout: PATIENCE_MS }).toMatchObject([{ name: 'OpenAIAuditParked' }]);
    const alerts = await prometheus.alerts();
    expect(alerts.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(alerts.length).toBeGreaterThan(8);
  }, 300_000);
});

/** Sees a collector whose API has a limit, and whose backend fails once and refuses an event. */
async function troubled(): Promise<RunningPrometheus> {
  const stage = await openStage({
    content: { kind: 'story', seed: 'prometheus', historyMs: 86_400_000 },
    serves: true,
  });
  onTestFinished(stage.close);
  stage.emulator.limit(AUDIT_LOGS, { requests: 6, perMs: 6_000, retryAfter: false });
  stage.emulator.organization.setRate(120);
  const collector = await stage.run();
  const [, target = ''] = await collector.line(/http:\/\/(localhost:\d+)\/metrics/);
  const prometheus = await startPrometheus({ binary, directory: stage.directory, target });
  onTestFinished(async () => void (await prometheus.process.end()));

  const isSeen = async () => (await prometheus.values(RETRIES, 'instant')).length > 0;
  await until('the first scrape', isSeen, PATIENCE_MS);
  let refused: string | undefined;
  stage.backend.answerWith(({ records }) => {
    if (refused !== undefined) return records.some(({ uid }) => uid === refused) ? { status: 400 } : {};
    refused = records.find(({ resource }) => resource['service.name'] === 'openai-audit')?.uid;
    return refused === undefined ? {} : { status: 503 };
  });
  return prometheus;
}

/** Those that give nothing, or nothing but 0 and NaN where more has happened. */
async function emptyQueries(prometheus: RunningPrometheus): Promise<readonly PanelQuery[]> {
  const empty: PanelQuery[] = [];
  for (const each of QUERIES) {
    const query = interpolated(each.query, HOURS, { organization: '.*', __rate_interval: '1m' });
    const values = await prometheus.values(query, each.kind);
    const mayBeZero = MAY_BE_ZERO.includes(each.panel);
    if (!values.some(value => (mayBeZero ? value >= 0 : value > 0))) empty.push(each);
  }
  return empty;
}
