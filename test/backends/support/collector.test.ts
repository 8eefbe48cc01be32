import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../support/process.ts';
import { findBackend, OTELCOL } from './backend-binary.ts';
import { type RunningCollector, startCollector } from './collector.ts';
import { startGate } from './gate.ts';
import { parseOtlpLines } from './otlp-file.ts';

const binary = await findBackend(OTELCOL);

describe.skipIf(binary === undefined)('startCollector', () => {
  it('has on disk whatever the Collector acknowledged, also when it is killed and started again', async () => {
    const directory = await newDirectory();
    const first = await start(directory);
    await post(first, 'a');
    await first.process.end('SIGKILL');
    const second = await start(directory, first.port);
    await post(second, 'b');
    await second.process.end('SIGKILL');

    expect(await second.delivered()).toEqual([record('a'), record('b')]);
  });

  it('can be put behind a gate that leaves what is stored, or kept from it, without answer', async () => {
    const collector = await start(await newDirectory());
    const gate = await startGate(collector.endpoint);
    onTestFinished(gate.close);
    const held = gate.hold(1, 'stored');
    await post({ endpoint: gate.url }, 'a');
    const withheld = post({ endpoint: gate.url }, 'b');
    await held;
    expect((await collector.delivered()).map(({ uid }) => uid)).toEqual(['a', 'b']);
    gate.release();
    await expect(withheld).rejects.toThrow('fetch failed');
    const kept = gate.hold(0, 'kept');
    const unheard = post({ endpoint: gate.url }, 'c');
    await kept;
    gate.release();
    await expect(unheard).rejects.toThrow('fetch failed');
    await post({ endpoint: gate.url }, 'd');
    expect((await collector.delivered()).map(({ uid }) => uid)).toEqual(['a', 'b', 'd']);
    await collector.process.end('SIGKILL');
    await expect(post({ endpoint: gate.url }, 'e')).rejects.toThrow('fetch failed');
    expect(gate.unanswered()).toBe(1);
    expect(gate.encodings()).toEqual(['application/json undefined']);
  });

  it('says what the Collector wrote when it does not start', async () => {
    const running = startCollector({ binary: binary ?? '', directory: await newDirectory(), config: '/nonexistent' });
    await expect(running).rejects.toThrow(/did not start:[\s\S]*nonexistent/);
  });
});

describe('parseOtlpLines', () => {
  it('reads two requests that a killed Collector left on one line', () => {
    const line = (uid: string) => JSON.stringify(request(uid));
    const uids = parseOtlpLines(`${line('a')}${line('b')}\n${line('c')}\n`).map(({ uid }) => uid);
    expect(uids).toEqual(['a', 'b', 'c']);
  });
});

async function newDirectory(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return path;
}

async function start(directory: string, port?: number): Promise<RunningCollector> {
  const collector = await startCollector({
    binary: binary ?? '',
    directory,
    ...(port === undefined ? {} : { port }),
  });
  onTestFinished(async () => void (await collector.process.end('SIGKILL')));
  return collector;
}

async function post(collector: Pick<RunningCollector, 'endpoint'>, uid: string): Promise<void> {
  const answer = await fetch(`${collector.endpoint}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request(uid)),
  });
  expect(answer.status).toBe(200);
}

function request(uid: string): unknown {
  const attributes = [
    { key: 'log.record.uid', value: { stringValue: uid } },
    { key: 'openai.audit.late_by', value: { intValue: '90' } },
    { key: 'scopes', value: { arrayValue: { values: [{ stringValue: 'x' }, { boolValue: true }] } } },
    { key: 'nothing', value: { arrayValue: {} } },
  ];
  const body = { kvlistValue: { values: [{ key: 'lat', value: { doubleValue: 52.5 } }] } };
  return {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'openai-audit' } }] },
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: '1780000000000000000',
                severityNumber: 13,
                eventName: 'openai.audit.x',
                attributes,
                body,
              },
            ],
          },
        ],
      },
    ],
  };
}

function record(uid: string): unknown {
  return {
    uid,
    eventName: 'openai.audit.x',
    severityNumber: 13,
    timestamp: 1_780_000_000,
    body: { lat: 52.5 },
    attributes: { 'log.record.uid': uid, 'openai.audit.late_by': 90, scopes: ['x', true], nothing: [] },
    resource: { 'service.name': 'openai-audit' },
  };
}
