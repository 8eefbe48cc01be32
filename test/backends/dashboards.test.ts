import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import { isTenantType } from '../../src/processor/event-types.ts';
import { until } from '../support/process.ts';
import { findBackend, LOKI } from './support/backend-binary.ts';
import { interpolated, type PanelQuery, queriesOf } from './support/grafana.ts';
import type { RunningLoki } from './support/loki.ts';
import type { LokiAnswer } from './support/loki-queries.ts';
import { shownIn } from './support/recipe.ts';
import { type Scene, stage } from './support/scene.ts';

const binary = (await findBackend(LOKI)) ?? '';

const HOURS = 14 * 24;
/** For machines under heavy load. */
const PATIENCE_MS = 240_000;
const EVENTS = '{service_name="openai-audit"}';
const COVERAGE = '{service_name="openai-audit-collector"} | event_name="openai.collector.coverage"';
const withdrawn = (least: number) => `${COVERAGE} | openai_collector_coverage_withdrawn >= ${least}`;
const LATE = '{service_name="openai-audit-collector"} | event_name="openai.collector.late"';
const PARKED = '{service_name="openai-audit-collector"} | event_name="openai.collector.parked"';
const SNAPSHOT = '{service_name="openai-inventory"} | event_name="openai.inventory.snapshot"';
const UNEXPLAINED = '{service_name="openai-inventory"} | openai_inventory_kind!="" | openai_inventory_explained_by=""';

describe.skipIf(binary === '')('the dashboards, in front of a real Loki with an organization in it', () => {
  it('find something with every query, whoever is looked at, as do the queries of docs/backends', async () => {
    const loki = await filled();
    const all = DASHBOARDS.map(({ build }) => build());
    const organization = 'acme';
    for (const each of all) expect([each.title, await choicesOf(loki, each)]).toEqual([each.title, [[organization]]]);
    const [failure] = await loki.rows(`${EVENTS} | openai_audit_type="login.failed" | geo_location_lat!=""`);
    const actor = failure?.labels.user_email ?? failure?.labels.actor_id ?? '';
    expect(actor).not.toBe('');

    const everybody = { organization: '.*', actor: '' };
    expect(await emptyPanels(loki, all, everybody)).toEqual([]);
    const timeline = all.filter(({ uid }) => uid === 'openai-actor');
    expect(await emptyPanels(loki, timeline, { organization, actor })).not.toContain('Everything');
    const nobody = { organization, actor: 'nobody@example.com' };
    expect(await emptyPanels(loki, timeline, nobody)).toContain('Everything');
    expect(await emptyOfShown(loki)).toEqual([]);
    // Two records of one hour tell of withdrawn events, the second of both.
    expect(await numberIn(loki, all, 'Withdrawn', everybody)).toBe(2);
  }, 900_000);
});

/**
 * Everything that can happen has happened in this Loki: events, late and withdrawn ones, one that it refuses, and a
 * group that took role assignments with it, which no event tells.
 */
async function filled(): Promise<RunningLoki> {
  const scene = await stage({
    emulate: ['--seed', 'demo', '--history', '10d', '--rate', '120'],
    config: `
organizations:
  - name: acme
    audit_logs: { start_from: 30d, poll_interval: 1s, reverify: [{ last: 5d, every: 5s }] }
    inventory: { interval: 30s }
`,
  });
  const loki = await scene.loki({ binary });
  const program = await scene.run(loki.endpoint);
  const history = (await scene.listed()).length;
  await until('the history to be in Loki', async () => (await loki.count(EVENTS, 30)) >= history, PATIENCE_MS);
  await until('the inventory to be read', async () => (await loki.count(SNAPSHOT, 1)) > 0, PATIENCE_MS);
  const arrives = (query: string) =>
    until(`a record of ${query}`, async () => (await loki.count(query, 1)) > 0, PATIENCE_MS);
  const [one, another] = await ofOneHour(scene);
  await scene.control('events', { vanish: { ids: [one] } });
  await arrives(withdrawn(1));
  await scene.control('events', { vanish: { ids: [another] } });
  await arrives(withdrawn(2));
  await change(scene);
  for (const query of [LATE, PARKED, UNEXPLAINED]) await arrives(query);
  await program.end();
  return loki;
}

/** Two events that the collector has read, after a weekend too young to be out of reach of its re-verification. */
async function ofOneHour(scene: Scene): Promise<readonly string[]> {
  const nowS = Date.now() / 1000;
  const settled = (await scene.listed()).filter(
    ({ type, effective_at: at }) => !isTenantType(type) && at < nowS - 7_200,
  );
  const hours = Map.groupBy(settled, ({ effective_at: at }) => Math.floor(at / 3_600));
  const newest = [...hours.values()].find(events => events.length > 1);
  return newest?.map(({ id }) => id) ?? [];
}

async function change(scene: Scene): Promise<void> {
  const nowS = Date.now() / 1000;
  await scene.control('events', { late: { count: 5, ago: '3h', within: '1h' } });
  for (const type of ['group.deleted', 'project.archived']) await scene.control('acts', { type });
  const tooLong = { id: 'audit_log-TooLongForThisLoki000000', type: 'project.created', effective_at: Math.floor(nowS) };
  await scene.control('events', {
    append: [{ ...tooLong, 'project.created': { id: 'proj_1', note: 'x'.repeat(1_100_000) } }],
  });
}

/** Titles of the panels whose queries find nothing. */
async function emptyPanels(
  loki: RunningLoki,
  dashboards: readonly Dashboard[],
  variables: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const empty = new Set<string>();
  for (const query of dashboards.flatMap(dashboard => queriesOf(dashboard, 'loki'))) {
    if (isEmpty(await answerTo(loki, query, variables))) empty.add(query.panel);
  }
  return [...empty];
}

/** The queries that docs/backends/grafana-loki.md shows and that find nothing. */
async function emptyOfShown(loki: RunningLoki): Promise<readonly string[]> {
  const queries = (await shownIn('grafana-loki.md')).filter(code => code.includes('{service_name='));
  expect(queries.length).toBeGreaterThan(4);
  const empty: string[] = [];
  for (const query of queries) {
    const kind = query.startsWith('{') ? 'range' : 'instant';
    if (isEmpty(await answerTo(loki, { panel: 'docs/backends', query, kind }, {}))) empty.push(query);
  }
  return empty;
}

async function answerTo(
  loki: RunningLoki,
  { panel, query, kind }: PanelQuery,
  variables: Readonly<Record<string, string>>,
) {
  const asked = interpolated(query, HOURS, variables);
  try {
    return await (kind === 'instant' ? loki.instant(asked) : loki.range(asked, HOURS));
  } catch (error) {
    throw new Error(`${panel}: ${asked}`, { cause: error });
  }
}

/** A number that is 0 counts as nothing found. */
function isEmpty({ resultType, result }: LokiAnswer): boolean {
  if (resultType === 'streams') return result.length === 0;
  return result
    .flatMap(({ value, values = [] }) => (value === undefined ? values : [value]))
    .every(([, text]) => Number(text) === 0);
}

/** What the variables of a dashboard offer, each asked for as Grafana does. */
async function choicesOf(loki: RunningLoki, dashboard: Dashboard): Promise<readonly (readonly string[])[]> {
  const asked = (dashboard.templating?.list ?? []).filter(({ type }) => type === 'query');
  return Promise.all(
    asked.map(async ({ query }) => {
      const { label, stream } = query as { readonly label: string; readonly stream: string };
      const path = `/loki/api/v1/label/${label}/values?${new URLSearchParams({ query: stream })}`;
      return ((await loki.get(path)) as { data?: string[] }).data ?? [];
    }),
  );
}

/** The one number that a panel shows. */
async function numberIn(
  loki: RunningLoki,
  dashboards: readonly Dashboard[],
  title: string,
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const [query, ...more] = dashboards.flatMap(each => queriesOf(each, 'loki')).filter(({ panel }) => panel === title);
  if (query === undefined || more.length > 0) throw new Error(`not one panel is called ${title}`);
  const { result } = await answerTo(loki, query, variables);
  return Number(result[0]?.value?.[1]);
}
