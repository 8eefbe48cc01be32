import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { until } from '../support/process.ts';
import { SHIPPED } from './support/alternatives.ts';
import { findBackend, LOKI, OTELCOL } from './support/backend-binary.ts';
import { UNTOUCHED } from './support/loki.ts';
import type { LokiRow } from './support/loki-queries.ts';
import { type ListedEvent, type Scene, stage } from './support/scene.ts';

const loki = (await findBackend(LOKI)) ?? '';
const otelcol = (await findBackend(OTELCOL)) ?? '';

const EVENTS = '{service_name="openai-audit"}';
const COVERAGE = '{service_name="openai-audit-collector"} | event_name="openai.collector.coverage"';
/** Coverage speaks of whole hours; the newest one is not over. */
const UNSETTLED_S = 2 * 3_600;
const INVENTORY = '{service_name="openai-inventory"}';
const SUCCESS = { code: 0, signal: null };
const THREE_DAYS = ['--seed', '7', '--history', '3d', '--rate', '0'];

describe.skipIf(loki === '' || otelcol === '')('the program in front of a real Loki', () => {
  it.each([
    ['http/json', 'directly'],
    ['http/protobuf', 'directly'],
    ['http/json', 'through the shipped Collector'],
    ['http/protobuf', 'through the shipped Collector'],
  ])('has every event and every entity there once, with its attributes, over %s %s', async (protocol, way) => {
    const scene = await stage({ emulate: THREE_DAYS, config: `exporter: { protocol: ${protocol} }` });
    const backend = await scene.loki({ binary: loki });
    const endpoint = way === 'directly' ? backend.endpoint : await throughCollector(scene, backend.url);
    const program = await scene.run(endpoint, '--once');
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);

    const [rows, listed] = [await backend.rows(EVENTS), await scene.listed()];
    expect(listed.length).toBeGreaterThan(200);
    expect(sorted(rows.map(({ uid }) => uid))).toEqual(sorted(listed.map(({ id }) => id)));
    const byUid = new Map(rows.map(row => [row.uid, row]));
    for (const event of listed) expectLabels(byUid.get(event.id), event);
    expectCoverageProves(await backend.rows(COVERAGE), rows);
    expectWholeInventory(await backend.rows(INVENTORY));
    expect(await backend.discarded()).toEqual({});
  });

  it('takes the backfill of a year beside a live tail, nothing refused for its age or its order', async () => {
    const scene = await stage({
      emulate: ['--seed', '7', '--history', '1h', '--rate', '240'],
      config: 'organizations: [{ audit_logs: { start_from: 400d, poll_interval: 1s } }]',
    });
    await scene.control('events', { late: { count: 3000, ago: '1d', within: '365d', tenant_share: 0.3 } });
    const backend = await scene.loki({ binary: loki });
    const program = await scene.run(backend.endpoint);
    const old = (await scene.listed()).map(({ id }) => id);
    await until('the year to be in Loki', async () => (await backend.count(EVENTS, 400)) >= old.length, 120_000);
    // A storm of the past, inserted behind what is covered: out of order in every stream that there is.
    await scene.control('events', { late: { count: 300, ago: '2h', within: '20h' } });
    await scene.control('life', { rate: 0 });
    await program.end();
    const last = await scene.run(backend.endpoint, '--once');
    expect(await last.exited, last.stderr()).toEqual(SUCCESS);
    const verify = await scene.run(backend.endpoint, '--once');
    expect(await verify.exited, verify.stderr()).toEqual(SUCCESS);

    expect(await backend.discarded()).toEqual({});
    const rows = await backend.rows(EVENTS, 400);
    const uids = new Set(rows.map(({ uid }) => uid));
    expect(old.filter(id => !uids.has(id))).toEqual([]);
    expect(rows.length - uids.size, 'rows that stand there twice').toBe(0);
    expect(rows.some(({ labels }) => labels.openai_audit_delivery === 'live')).toBe(true);
  });

  it('sets aside what an untouched Loki calls too old, says so, and delivers the rest', async () => {
    const scene = await stage({
      emulate: ['--seed', '7', '--history', '1d', '--rate', '0'],
      config: 'organizations: [{ audit_logs: { start_from: 60d } }]',
    });
    const young = (await scene.listed()).map(({ id }) => id);
    await scene.control('events', { late: { count: 50, ago: '20d', within: '10d' } });
    const backend = await scene.loki({ binary: loki, config: UNTOUCHED });
    const program = await scene.run(backend.endpoint);
    await program.line(/reject_old_samples/);
    const arrived = async () => (await backend.count(EVENTS, 60)) >= young.length;
    await until('the young events to be in Loki', arrived, 120_000);
    expect(sorted((await backend.rows(EVENTS)).map(({ uid }) => uid))).toEqual(sorted(young));
    expect(program.stderr()).not.toMatch(/parked/);
    await program.end();
  });
});

async function throughCollector(scene: Scene, lokiUrl: string): Promise<string> {
  const collector = await scene.collector({ binary: otelcol, config: SHIPPED, env: { LOKI_URL: lokiUrl } });
  return collector.endpoint;
}

function expectLabels(row: LokiRow | undefined, event: ListedEvent): void {
  const optional = {
    actor_ip: event.actor?.session?.ip_address,
    user_email: event.actor?.session?.user?.email ?? event.actor?.api_key?.user?.email,
    project_id: event.project?.id,
  };
  expect(row?.timestamp).toBe(event.effective_at);
  expect(row?.labels).toMatchObject({ event_name: `openai.audit.${event.type}`, openai_audit_type: event.type });
  for (const [name, value] of Object.entries(optional)) expect(row?.labels[name], name).toBe(value);
  // JSON through Go's maps: the same content, keys in another order.
  expect(JSON.parse(row?.line ?? 'null')).toEqual(event);
}

/** Whoever holds nothing but Loki can recompute each hour's digest; only what is too young to be settled is in none. */
function expectCoverageProves(coverage: readonly LokiRow[], rows: readonly LokiRow[]): void {
  expect(new Set(coverage.map(({ uid }) => uid)).size).toBe(coverage.length);
  const covered = new Set<string>();
  for (const { labels } of newestRevisions(coverage)) {
    const [from = 0, to = 0] = [labels.openai_collector_coverage_from, labels.openai_collector_coverage_to].map(
      instantS,
    );
    const uids = rows
      .filter(row => row.labels.openai_audit_stream === labels.openai_collector_stream)
      .filter(({ timestamp }) => timestamp >= from && timestamp < to)
      .map(({ uid }) => uid);
    expect(Number(labels.openai_collector_coverage_acknowledged)).toBe(uids.length);
    expect(labels.openai_collector_coverage_digest).toBe(digest(uids));
    for (const uid of uids) covered.add(uid);
  }
  const settledS = Date.now() / 1000 - UNSETTLED_S;
  expect(rows.filter(({ uid, timestamp }) => timestamp < settledS && !covered.has(uid))).toEqual([]);
}

/** As many states as the reading says that there are things, each once, and one of the organization around them. */
function expectWholeInventory(rows: readonly LokiRow[]): void {
  const [snapshot, ...more] = rows.filter(({ labels }) => labels.event_name === 'openai.inventory.snapshot');
  expect(more).toEqual([]);
  expect(snapshot?.labels.openai_inventory_snapshot_complete).toBe('true');
  const counts = Object.entries(snapshot?.labels ?? {})
    .filter(([name]) => name.startsWith('openai_inventory_snapshot_count_'))
    .map(([, text]) => Number(text));
  const states = rows.filter(({ labels }) => labels.event_name === 'entity.state');
  expect(counts.length).toBeGreaterThan(10);
  expect(states).toHaveLength(counts.reduce((sum, count) => sum + count, 1));
  expect(states.filter(({ labels }) => labels.entity_type === 'openai.organization')).toHaveLength(1);
  expect(new Set(rows.map(({ uid }) => uid)).size).toBe(rows.length);
  for (const { labels } of states) expect(JSON.parse(labels.entity_relationships ?? '[]')).toBeInstanceOf(Array);
}

function newestRevisions(coverage: readonly LokiRow[]): readonly LokiRow[] {
  const revision = ({ labels }: LokiRow) => Number(labels.openai_collector_coverage_revision);
  const newest = new Map<string, LokiRow>();
  for (const row of coverage) {
    const key = `${row.labels.openai_collector_stream} ${row.labels.openai_collector_coverage_from}`;
    const known = newest.get(key);
    if (known === undefined || revision(row) > revision(known)) newest.set(key, row);
  }
  return [...newest.values()];
}

function digest(uids: readonly string[]): string {
  const lines = sorted(uids).map(uid => `${uid}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

function instantS(text: string | undefined): number {
  return Date.parse(text ?? '') / 1000;
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}
