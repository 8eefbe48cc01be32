import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tlsFixture } from '../support/otlp-server.ts';
import { freePort, until } from '../support/process.ts';
import { SHIPPED, withOnly } from './support/alternatives.ts';
import { findBackend, LOKI, OTELCOL } from './support/backend-binary.ts';
import { startGate } from './support/gate.ts';
import { type RunningLoki, UNTOUCHED } from './support/loki.ts';
import { stage } from './support/scene.ts';

const loki = (await findBackend(LOKI)) ?? '';
const otelcol = (await findBackend(OTELCOL)) ?? '';

const GUARDED = new URL('./support/collector-guarded.yaml', import.meta.url).pathname;
/** Without what asked whether a refused record is itself at fault. */
const EVENTS = '{service_name="openai-audit"} | event_name!="openai.collector.probe"';
const PARKED = '{service_name="openai-audit-collector"} | event_name="openai.collector.parked"';
const SUCCESS = { code: 0, signal: null };
const FAILURE = { code: 1, signal: null };
const SMALL_BATCHES = 'exporter: { batch: { max_records: 20 } }';
const emulate = ['--seed', '7', '--history', '2d', '--rate', '0'];

describe.skipIf(loki === '' || otelcol === '')('faults of a real Collector and a real Loki', () => {
  it('lose nothing when both are killed in the middle and come back', async () => {
    const scene = await stage({ emulate, config: SMALL_BATCHES });
    const first = await scene.loki({ binary: loki });
    const gate = await startGate(first.url);
    onTestFinished(gate.close);
    const collector = await scene.collector({ binary: otelcol, config: SHIPPED, env: { LOKI_URL: gate.url } });
    const held = gate.hold(3, 'stored');
    const program = await scene.run(collector.endpoint, '--once');
    await held;
    await Promise.all([first.process.end('SIGKILL'), collector.process.end('SIGKILL')]);
    gate.release();
    await program.line(/the backend did not take a batch/);

    const second = await scene.loki({ binary: loki, port: first.port });
    await scene.collector({ binary: otelcol, config: SHIPPED, port: collector.port, env: { LOKI_URL: gate.url } });
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);
    // What was repeated is equal in every byte, and Loki keeps it once.
    expect(await uidsIn(second)).toEqual(idsOf(await scene.listed()));
  });

  it('lose nothing when the queue of a Collector is full', async () => {
    const scene = await stage({ emulate, config: SMALL_BATCHES });
    const port = await freePort();
    const config = join(scene.directory, 'queued.yaml');
    const shown = await withOnly({ exporters: ['otlp_http/queued'], extensions: ['file_storage/queue'] });
    await writeFile(config, shown.replace('"queue_size":1000', '"queue_size":2'));
    const env = { LOKI_URL: `http://127.0.0.1:${port}`, QUEUE_DIRECTORY: join(scene.directory, 'queue') };
    const collector = await scene.collector({ binary: otelcol, config, env });
    const program = await scene.run(collector.endpoint, '--once');
    await program.line(/sending queue is full/);

    const backend = await scene.loki({ binary: loki, port });
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);
    const listed = idsOf(await scene.listed());
    await until('the queue to be empty', async () => (await uidsIn(backend)).length >= listed.length, 60_000);
    expect(await uidsIn(backend)).toEqual(listed);
  });

  it('park the one record of a batch that Loki refuses behind a Collector, and name it', async () => {
    const scene = await stage({ emulate, config: '' });
    const tooLong = event('TooLong', { note: 'x'.repeat(300_000) });
    await scene.control('events', { append: [tooLong] });
    const backend = await scene.loki({ binary: loki, config: UNTOUCHED });
    const collector = await scene.collector({ binary: otelcol, config: SHIPPED, env: { LOKI_URL: backend.url } });
    const program = await scene.run(collector.endpoint, '--once');

    expect(await program.exited, program.stderr()).toEqual(SUCCESS);
    const listed = idsOf(await scene.listed());
    expect(await uidsIn(backend)).toEqual(listed.filter(id => id !== tooLong.id));
    const parked = await backend.rows(PARKED);
    expect(parked.map(({ labels }) => labels.openai_collector_event_uid)).toEqual([tooLong.id]);
    expect(parked[0]?.labels.openai_collector_message).toContain('max entry size');
  });

  it('hold everything for an unknown authority and for a wrong token, and deliver all once both are right', async () => {
    const scene = await stage({ emulate, config: SMALL_BATCHES });
    const env = { TOKEN: 'right', CERT_FILE: tlsFixture('server.pem'), KEY_FILE: tlsFixture('server.key') };
    const collector = await scene.collector({ binary: otelcol, config: GUARDED, env });
    const endpoint = collector.endpoint.replace('http:', 'https:');
    const trusted = `tls: { ca_file: ${JSON.stringify(tlsFixture('ca.pem'))} }`;

    const stranger = await scene.run(endpoint, '--once');
    expect(await stranger.exited).toEqual(FAILURE);
    expect(stranger.stderr()).toMatch(/certificate/);
    await scene.configure(`exporter: { ${trusted}, headers: { authorization: Bearer wrong } }`);
    const unknown = await scene.run(endpoint, '--once');
    expect(await unknown.exited).toEqual(FAILURE);
    expect(unknown.stderr()).toMatch(/answered 401.*check exporter\.headers/);
    expect(await collector.delivered()).toEqual([]);

    await scene.configure(`exporter: { ${trusted}, headers: { authorization: Bearer right } }`);
    const known = await scene.run(endpoint, '--once');
    expect(await known.exited, known.stderr()).toEqual(SUCCESS);
    const events = (await collector.delivered()).filter(({ resource }) => resource['service.name'] === 'openai-audit');
    expect(events.map(({ uid }) => uid).sort()).toEqual(idsOf(await scene.listed()));
  });
});

describe.skipIf(loki === '')('records at the limits of an untouched Loki', () => {
  it('arrive whole, with a mark, or are parked by name: never in silence', async () => {
    const lineLimit = 262_144;
    const longest = event('LineFits', { note: '' });
    const room = lineLimit - JSON.stringify(longest).length;
    const events = [
      event('LineFits', { note: 'x'.repeat(room) }),
      event('LineTooLong', { note: 'x'.repeat(room + 1) }),
      event('ManyFields', Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`field_${n}`, `value ${n}`]))),
      event('LargeFields', Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`field_${n}`, 'é'.repeat(700)]))),
    ];
    const scene = await stage({ emulate: ['--seed', '7', '--history', '1h', '--rate', '0'], config: '' });
    await scene.control('events', { append: events });
    const backend = await scene.loki({ binary: loki, config: UNTOUCHED });
    const program = await scene.run(backend.endpoint, '--once');
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);

    const [fits, tooLong, ...rest] = events.map(({ id }) => id);
    const rows = new Map((await backend.rows(EVENTS)).map(row => [row.uid, row]));
    expect([...rows.keys()].sort()).toEqual(idsOf(await scene.listed()).filter(id => id !== tooLong));
    expect(rows.get(fits ?? '')?.line).toHaveLength(lineLimit);
    for (const [index, id] of [fits, ...rest].entries()) {
      const row = rows.get(id ?? '');
      expect(row?.labels.openai_audit_truncated, id).toBe('true');
      expect(JSON.parse(row?.line ?? ''), id).toEqual(events[index === 0 ? 0 : index + 1]);
    }
    const parked = await backend.rows(PARKED);
    expect(parked.map(({ labels }) => labels.openai_collector_event_uid)).toEqual([tooLong]);
  });

  it('keep an event that is too large for an attribute in the body when summaries are asked for', async () => {
    const large = event('LargeOriginal', { note: 'x'.repeat(100_000) });
    const scene = await stage({
      emulate: ['--seed', '7', '--history', '1h', '--rate', '0'],
      config: 'records: { body: summary }',
    });
    await scene.control('events', { append: [large] });
    const backend = await scene.loki({ binary: loki, config: UNTOUCHED });
    const program = await scene.run(backend.endpoint, '--once');
    expect(await program.exited, program.stderr()).toEqual(SUCCESS);

    const rows = await backend.rows(EVENTS);
    expect(rows.map(({ uid }) => uid).sort()).toEqual(idsOf(await scene.listed()));
    expect(await backend.discarded()).toEqual({});
    for (const { uid, line, labels } of rows) {
      const original = uid === large.id ? line : labels.log_record_original;
      expect(JSON.parse(original ?? '').id).toBe(uid);
    }
  });
});

/** An event that happened half an hour ago. */
function event(name: string, payload: Readonly<Record<string, string>>) {
  return {
    id: `audit_log-${name.padEnd(24, '0')}`,
    type: 'project.created',
    effective_at: Math.floor(Date.now() / 1000) - 1_800,
    'project.created': { id: 'proj_1', ...payload },
  };
}

/** The ids of all rows, so that one that stands there twice shows. */
async function uidsIn(backend: RunningLoki): Promise<readonly string[]> {
  return (await backend.rows(EVENTS)).map(({ uid }) => uid).sort();
}

function idsOf(events: readonly { readonly id: string }[]): readonly string[] {
  return events.map(({ id }) => id).sort();
}
