import { describe, expect, it } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { referenceText } from '../../src/inventory/entity.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { type Collecting, collecting, DAY_MS, HOUR_MS, MINUTE_MS } from '../support/collecting.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { GraphOfRecords } from '../support/graph-of-records.ts';
import { crawl, sorted } from '../support/inventory-crawl.ts';

const ID = 'acme';
/** So even what is read seldom is read again after half an hour. */
const READING = { enabled: true, intervalMs: MINUTE_MS };
const EVERYTHING_MS = 30 * MINUTE_MS;
const SMALL = { projects: 2, users: 6, groups: 1 };

interface Scene {
  readonly clock: FakeClock;
  readonly emulator: Emulator;
  readonly collector: Collecting;
}

async function begun(seed: string, auditLogs = {}, reading = READING): Promise<Scene> {
  const clock = createFakeClock();
  const content = { kind: 'story', seed, historyMs: HOUR_MS, size: SMALL } as const;
  const emulator = createEmulator({ content, clock });
  const storage = await openStorage(':memory:');
  return { clock, emulator, collector: await collecting(auditLogs, { clock, emulator, storage }, reading) };
}

/** What the API tells of what exists, in the words of the records: nobody is told who is in an archived project. */
function truthOf(emulator: Emulator) {
  const own = (text: string) => text.replaceAll(emulator.organization.estate.organizationId, ID);
  const { nodes, edges } = emulator.organization.graph();
  return sorted({ nodes: nodes.map(own), edges: edges.map(own) });
}

function graphOf(...collectors: readonly Collecting[]) {
  const graph = new GraphOfRecords();
  for (const { delivered } of collectors) for (const { record } of delivered) graph.hear(record);
  return graph;
}

/** Both without what lies in archived projects, of which nothing new is told. */
function expectTruth({ emulator }: Scene, graph: GraphOfRecords) {
  const archived = emulator.organization.estate.projects.filter(({ archivedAt }) => archivedAt !== null);
  const accounts = archived.flatMap(({ id }) =>
    graph.edges.flatMap(edge => {
      const [head, account] = edge.split(' resource ');
      return head === `project ${id}` && account?.startsWith('service_account ') ? [account] : [];
    }),
  );
  const untold = [...archived.map(({ id }) => `role_assignment ${id}/`), ...accounts];
  const isTold = (text: string) => !untold.some(each => text.includes(each));
  const isMember = (edge: string) =>
    archived.some(({ id }) => /^user \S+ (member|admin)_of /.test(edge) && edge.endsWith(id));
  const told = ({ nodes, edges }: Pick<GraphOfRecords, 'nodes' | 'edges'>) => ({
    nodes: nodes.filter(isTold),
    edges: edges.filter(edge => isTold(edge) && !isMember(edge)),
  });
  expect(told(sorted(graph))).toEqual(told(truthOf(emulator)));
}

/** Whatever the API lists now is described as it lists it. */
async function expectDescribed({ emulator }: Scene, { descriptions }: GraphOfRecords) {
  const own = (text: string) => text.replaceAll(emulator.organization.estate.organizationId, ID);
  const { entities } = await crawl(emulator);
  const seen = { firstseen: expect.any(Number), lastupdated: expect.any(Number) };
  const listed = entities.map(each => [own(referenceText(each)), { ...each.description, ...seen }] as const);
  expect(listed.map(([name]) => [name, descriptions.get(name)])).toEqual(listed);
}

const recordsOf = ({ delivered }: Collecting, eventName: RegExp) =>
  delivered.map(({ record }) => record).filter(record => eventName.test(record.eventName));

describe('the inventory', () => {
  it('is rebuilt from the records alone, and its first reading is no news', async () => {
    const scene = await begun('1');
    await scene.clock.advance(2 * MINUTE_MS);
    const graph = graphOf(scene.collector);
    expectTruth(scene, graph);
    expect(graph.nodes.length).toBeGreaterThan(100);
    expect(recordsOf(scene.collector, /^openai\.inventory\.\w+\.(added|changed|removed)$/)).toEqual([]);
    expect(recordsOf(scene.collector, /^openai\.inventory\.snapshot$/).length).toBeGreaterThan(0);
    await scene.collector.stop();
  });

  it('follows the story: each change is told, and every entity within its report interval', async () => {
    const scene = await begun('2');
    await scene.clock.advance(MINUTE_MS);
    scene.emulator.organization.setRate(4);
    await scene.clock.advance(20 * MINUTE_MS);
    scene.emulator.organization.setRate(0);
    await scene.clock.advance(EVERYTHING_MS);
    const graph = graphOf(scene.collector);
    expectTruth(scene, graph);
    await expectDescribed(scene, graph);
    expect(graph.faults).toEqual([]);
    // Who is in an archived project is not told any more: that may expire.
    const overdue = graph.overdue(scene.clock.nowMs());
    expect(overdue.filter(name => !/^(project_member|service_account) /.test(name))).toEqual([]);
    expect(recordsOf(scene.collector, /\.added$/).length).toBeGreaterThan(5);
    expect(recordsOf(scene.collector, /\.changed$/).length).toBeGreaterThan(2);
    expect(recordsOf(scene.collector, /\.removed$/).length).toBeGreaterThan(2);
    await scene.collector.stop();
  }, 120_000);

  it('has a new key within a minute, between two readings, and names who made it', async () => {
    const scene = await begun('1', {}, { enabled: true, intervalMs: HOUR_MS });
    await scene.clock.advance(10 * MINUTE_MS);
    const [event = ''] = scene.emulator.organization.act('api_key.created');
    await scene.clock.advance(MINUTE_MS);
    const [added, ...more] = recordsOf(scene.collector, /^openai\.inventory\.api_key\.added$/);
    expect(more).toEqual([]);
    expect(added?.attributes['openai.inventory.explained_by']).toBe(event);
    expect(added?.attributes['actor.id']).toEqual(expect.any(String));
    expect(String(added?.body)).toMatch(/^added by \S+: API key key_\w+/);
    expectTruth(scene, graphOf(scene.collector));
    await scene.collector.stop();
  });

  it.each([
    ['user.added', 'user.added'],
    ['user.deleted', 'user.removed'],
    ['service_account.created', 'service_account.added'],
    ['group.created', 'group.added'],
    ['project.updated', 'project.changed'],
    ['project.archived', 'project.changed'],
    ['certificate.deleted', 'certificate.removed'],
    ['role.deleted', 'project_role.removed'],
    ['rate_limit.updated', 'rate_limit.changed'],
  ])('tells within a minute what came of %s, and by whom', async (type, change) => {
    const scene = await begun('1', {}, { enabled: true, intervalMs: HOUR_MS });
    await scene.clock.advance(10 * MINUTE_MS);
    const [event = ''] = scene.emulator.organization.act(type);
    await scene.clock.advance(MINUTE_MS);
    const told = recordsOf(scene.collector, new RegExp(`^openai\\.inventory\\.${change.replace('.', '\\.')}$`));
    expect(told.map(({ attributes }) => attributes['openai.inventory.explained_by'])).toContain(event);
    expectTruth(scene, graphOf(scene.collector));
    await scene.collector.stop();
  });

  it('calls a plan that loses a family no removal', async () => {
    const scene = await begun('1', { enabled: false });
    await scene.clock.advance(MINUTE_MS);
    for (const missingStatus of [403, 404] as const) {
      scene.emulator.configure({
        missingFamilies: ['keys', 'people', 'groups', 'roles', 'certificates'],
        missingStatus,
      });
      await scene.clock.advance(EVERYTHING_MS);
    }
    expect(recordsOf(scene.collector, /\.removed$|\.delete$/)).toEqual([]);
    const snapshot = recordsOf(scene.collector, /snapshot$/).at(-1);
    expect(snapshot?.attributes['openai.inventory.snapshot.complete']).toBe(false);
    expect(snapshot?.attributes['openai.inventory.snapshot.missing']).toContain('api_key: not_found');
    await scene.collector.stop();
  }, 60_000);

  it('is read again at once when a clock that was far ahead is right at the next start', async () => {
    const { clock, ...scene } = await begun('1', { enabled: false }, { enabled: true, intervalMs: HOUR_MS });
    await clock.advance(MINUTE_MS);
    await scene.collector.stop();
    clock.jump(-365 * DAY_MS);
    const [gone] = scene.emulator.organization.estate.users;
    scene.emulator.organization.act('user.deleted', gone?.id);
    const next = await collecting({ enabled: false }, scene.collector, { enabled: true, intervalMs: HOUR_MS });
    await clock.advance(2 * MINUTE_MS);
    const told = recordsOf(next, /^openai\.inventory\.(user\.removed|snapshot)$/);
    expect(told.map(({ attributes }) => attributes['openai.inventory.id'])).toEqual([gone?.id, undefined]);
    expectTruth({ clock, ...scene }, graphOf(next));
    await next.stop();
  });

  it('is held for a key of another organization', async () => {
    const scene = await begun('1');
    await scene.clock.advance(MINUTE_MS);
    await scene.collector.stop();
    const other = createEmulator({ content: { kind: 'story', seed: 'other', historyMs: DAY_MS }, clock: scene.clock });
    const { clock, collector } = scene;
    const next = await collecting({ enabled: false }, { ...collector, emulator: other }, READING);
    await clock.advance(5 * MINUTE_MS);
    expect(recordsOf(next, /inventory|entity/)).toEqual([]);
    expect(next.lines.join('\n')).toContain('the key shows another organization');
    await next.stop();
  });
});
