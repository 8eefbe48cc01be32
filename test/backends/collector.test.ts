import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunningProcess, until } from '../support/process.ts';
import { findBackend, OTELCOL } from './support/backend-binary.ts';
import type { RunningCollector } from './support/collector.ts';
import { type Gate, startGate } from './support/gate.ts';
import type { DeliveredRecord } from './support/otlp-file.ts';
import { type ListedEvent, type Scene, stage } from './support/scene.ts';

const binary = (await findBackend(OTELCOL)) ?? '';

/** Records in a batch; small, so that there are many. */
const BATCH = 20;

/** What one crash may repeat: the attempts whose outcome stayed unknown, one of live events and one of all others. */
const IN_FLIGHT = 2 * BATCH;

const SUCCESS = { code: 0, signal: null };

describe.skipIf(binary === '')('the program in front of a real OpenTelemetry Collector', () => {
  it.each([
    ['http/json', 'application/json'],
    ['http/protobuf', 'application/x-protobuf'],
  ])('delivers every event exactly once over %s, compressed', async (protocol, contentType) => {
    const scene = await organization(protocol);
    const collector = await scene.collector({ binary });
    const gate = await gateBefore(collector);
    const program = await scene.run(gate.url, '--once');

    expect(await program.exited, program.stderr()).toEqual(SUCCESS);
    expect(gate.encodings()).toEqual([`${contentType} gzip`]);
    const records = eventsOf(await collector.delivered());
    const listed = await scene.listed();
    expect(listed.length).toBeGreaterThan(10 * BATCH);
    expect(sorted(records.map(({ uid }) => uid))).toEqual(sorted(listed.map(({ id }) => id)));
    for (const event of listed) expectAttributes(recordOf(records, event.id), event);
  });

  it('delivers every event when it is killed before and after the Collector has a batch', async () => {
    const scene = await organization('http/json');
    const collector = await scene.collector({ binary });
    const gate = await gateBefore(collector);
    const kills = [
      { after: 2, when: 'stored' },
      { after: 1, when: 'kept' },
      { after: 0, when: 'stored' },
      { after: 0, when: 'kept' },
    ] as const;
    for (const { after, when } of kills) {
      const held = gate.hold(after, when);
      const program = await scene.run(gate.url);
      await whileRunning(program, held);
      await program.end('SIGKILL');
      gate.release();
    }
    const listed = await scene.listed();
    expect(uidsOf(await collector.delivered()).length, 'killed after the backfill').toBeLessThan(listed.length);

    const last = await scene.run(gate.url, '--once');
    expect(await last.exited, last.stderr()).toEqual(SUCCESS);
    expectAllDelivered(await collector.delivered(), listed, kills.length * IN_FLIGHT);
  });

  it('delivers every event when the Collector is killed in the middle and comes back', async () => {
    const scene = await organization('http/json');
    const first = await scene.collector({ binary });
    const gate = await gateBefore(first);
    const held = gate.hold(2, 'stored');
    const program = await scene.run(gate.url, '--once');
    await whileRunning(program, held);
    await first.process.end('SIGKILL');
    gate.release();
    await until('an attempt at the dead Collector', () => gate.unanswered() > 0);

    const second = await scene.collector({ binary, port: first.port });
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);
    expectAllDelivered(await second.delivered(), await scene.listed(), IN_FLIGHT);
  });
});

/** An emulated organization with three days of history in which nothing new happens. */
function organization(protocol: string): Promise<Scene> {
  return stage({
    emulate: ['--seed', '7', '--history', '3d', '--rate', '0'],
    config: `exporter: { protocol: ${protocol}, batch: { max_records: ${BATCH} } }`,
  });
}

async function gateBefore(collector: RunningCollector): Promise<Gate> {
  const gate = await startGate(collector.endpoint);
  onTestFinished(gate.close);
  return gate;
}

async function whileRunning(program: RunningProcess, event: Promise<void>): Promise<void> {
  const ended = program.exited.then(() => {
    throw new Error(`the program ended early:\n${program.stderr()}`);
  });
  await Promise.race([event, ended]);
}

/** Without the inventory and what the collector says of itself. */
function eventsOf(records: readonly DeliveredRecord[]): readonly DeliveredRecord[] {
  return records.filter(({ resource }) => resource['service.name'] === 'openai-audit');
}

function recordOf(records: readonly DeliveredRecord[], id: string): DeliveredRecord {
  const record = records.find(({ uid }) => uid === id);
  if (record === undefined) throw new Error(`${id} was not delivered`);
  return record;
}

function expectAttributes(record: DeliveredRecord, event: ListedEvent): void {
  const name = `openai.audit.${event.type}`;
  expect(record.eventName).toBe(name);
  expect(record.timestamp).toBe(event.effective_at);
  expect(record.body).toMatchObject({ id: event.id, type: event.type });
  expect({
    'event.name': record.attributes['event.name'],
    'actor.ip': record.attributes['actor.ip'],
    'user.email': record.attributes['user.email'],
    'project.id': record.attributes['project.id'],
  }).toEqual({
    'event.name': name,
    'actor.ip': event.actor?.session?.ip_address,
    'user.email': event.actor?.session?.user?.email ?? event.actor?.api_key?.user?.email,
    'project.id': event.project?.id,
  });
}

/** No event missing, none that was not listed, at most so many repetitions, and those the same. */
function expectAllDelivered(
  all: readonly DeliveredRecord[],
  listed: readonly ListedEvent[],
  repetitions: number,
): void {
  const records = eventsOf(all);
  expect(uidsOf(records)).toEqual(sorted(listed.map(({ id }) => id)));
  expect(records.length - listed.length).toBeLessThanOrEqual(repetitions);
  const first = new Map(records.toReversed().map(record => [record.uid, record]));
  for (const record of records) expect(record).toEqual(first.get(record.uid));
}

/** The ids of the events among the records, each once. */
function uidsOf(records: readonly DeliveredRecord[]): readonly string[] {
  return sorted([...new Set(eventsOf(records).map(({ uid }) => uid))]);
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}
