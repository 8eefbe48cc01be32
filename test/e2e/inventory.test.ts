import { describe, expect, it } from 'vitest';
import { GraphOfRecords } from '../support/graph-of-records.ts';
import { sorted } from '../support/inventory-crawl.ts';
import type { OtlpServer } from '../support/otlp-server.ts';
import { until } from '../support/process.ts';
import { stage } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const size = { projects: 6, users: 20, groups: 2 };
const ended = { code: 0, signal: null };

/** What came of the inventory, a request each. */
function batches({ requests }: OtlpServer) {
  return requests
    .map(({ records }) => records.filter(({ resource }) => resource['service.name'] === 'openai-inventory'))
    .filter(records => records.length > 0);
}

function uidsOf(backend: OtlpServer): ReadonlySet<string> {
  return new Set(batches(backend).flatMap(records => records.map(({ uid }) => uid)));
}

/** Of somebody who passes repetitions over. */
function graphOf(backend: OtlpServer): GraphOfRecords {
  const graph = new GraphOfRecords();
  const heard = new Set<string>();
  for (const record of batches(backend).flat()) {
    if (!heard.has(record.uid)) graph.hear({ ...record, timestamp: Number(record.timeUnixNano) / 1e9 });
    heard.add(record.uid);
  }
  return graph;
}

/** How many batches came of which something came again. */
function repeatedBatches(backend: OtlpServer): number {
  const first = new Map<string, number>();
  const again = new Set<number>();
  for (const [index, records] of batches(backend).entries()) {
    for (const { uid } of records) {
      const earlier = first.get(uid);
      if (earlier === undefined) first.set(uid, index);
      else again.add(earlier);
    }
  }
  return again.size;
}

describe('the inventory', () => {
  it('has a new key within a minute of its making, long before the next reading, and its graph too', async () => {
    const { run, command, backend, emulator } = await stage({
      content: { kind: 'story', seed: 'inventory', historyMs: HOUR_MS, size: { projects: 2, users: 4, groups: 1 } },
      auditLogs: { poll_interval: '30s' },
      inventory: { interval: '1h' },
    });
    const program = await run();
    const arrived = (eventName: string) =>
      batches(backend)
        .flat()
        .filter(record => record.eventName === eventName);
    await until('the first reading', () => arrived('openai.inventory.snapshot').length > 0, MINUTE_MS);
    const madeMs = performance.now();
    const [event] = emulator.organization.act('api_key.created');
    const { id, owner } = emulator.organization.estate.stock('api_key').at(-1) ?? expect.fail('no key was made');
    await until('the key', () => arrived('openai.inventory.api_key.added').length > 0, MINUTE_MS);
    expect(performance.now() - madeMs).toBeLessThan(MINUTE_MS);
    expect(arrived('openai.inventory.api_key.added').map(({ attributes }) => attributes)).toMatchObject([
      { 'openai.inventory.id': id, 'openai.inventory.explained_by': event },
    ]);
    expect(arrived('openai.inventory.snapshot')).toHaveLength(1);
    const shown = async () => {
      const graph = await command('graph', ['--around', id, '--depth', '1']);
      const { code } = await graph.exited;
      return code === 0 ? JSON.parse(graph.stdout()) : { edges: [] };
    };
    await until('the key in the graph', async () => (await shown()).edges.length > 0);
    const { edges } = await shown();
    expect(edges).toContainEqual({
      from: { kind: owner.type, id: owner.id },
      type: 'owns',
      to: { kind: 'api_key', id },
    });
    expect(await program.end()).toEqual(ended);
  });

  it('is whole and says nothing false when it is killed in the middle of a reading, again and again', async () => {
    const { run, backend, emulator } = await stage({
      content: { kind: 'story', seed: 'inventory', historyMs: HOUR_MS, size },
      settings: { latencyMs: 20 },
      auditLogs: { enabled: false },
      inventory: { enabled: true },
    });
    const { nodes, edges } = emulator.organization.graph();
    const kills = [
      { share: 0.1, answers: false },
      { share: 0.3, answers: true },
      { share: 0.5, answers: true },
      { share: 0.7, answers: false },
    ];
    for (const { share, answers } of kills) {
      const program = await run();
      const enough = () => uidsOf(backend).size >= nodes.length * share;
      if (!answers) backend.answerWith(() => (enough() ? { how: 'hang' } : {}));
      await until('some of the things', enough);
      expect(await program.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      backend.answer({});
    }
    const said = () => new Set(batches(backend).flatMap(records => records.map(({ eventName }) => eventName)));
    expect(said()).toEqual(new Set(['entity.state']));

    const last = await run(['--once']);
    expect(await last.exited, last.stderr()).toEqual(ended);
    expect(said()).toEqual(new Set(['entity.state', 'openai.inventory.snapshot']));
    const graph = graphOf(backend);
    const own = (text: string) => text.replaceAll(emulator.organization.estate.organizationId, 'acme');
    expect(sorted(graph)).toEqual(sorted({ nodes: nodes.map(own), edges: edges.map(own) }));
    expect(graph.faults).toEqual([]);
    expect(repeatedBatches(backend)).toBeGreaterThan(0);
    expect(repeatedBatches(backend)).toBeLessThanOrEqual(kills.length);
  });
});
