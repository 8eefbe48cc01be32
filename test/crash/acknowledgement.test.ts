import { ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { expect, it } from 'vitest';
import type { ExporterConfig } from '../../src/config/config.ts';
import type { Dice } from '../../src/emulator/random.ts';
import { createOtlpExporter } from '../../src/exporter/otlp.ts';
import { toSdkRecords } from '../../src/exporter/sdk-records.ts';
import type { LogRecord } from '../../src/record.ts';
import { logRecord } from '../support/log-record.ts';
import { ALL, diceFor, failuresOf, report } from './amount.ts';
import { type Lie, someLie, startLyingBackend } from './lying-backend.ts';

const TRIALS = ALL ? 1_000 : 150;
/** Exports one after the other in a trial: what one leaves behind may answer the next. */
const EXPORTS = 3;
const AT_ONCE = 8;
const TIMEOUT_MS = 300;
const SCOPE = { name: 'test', version: '0.0.0' };
/** More than the buffers between two ends of a loopback connection hold. */
const LARGE = 'x'.repeat(12 * 1024 * 1024);

/** Sends a batch once; true when the backend is taken to have it. */
type Export = (records: readonly LogRecord[]) => Promise<boolean>;

it.each(['http/json', 'http/protobuf'] as const)(
  'no answer but a true one acknowledges a batch (%s)',
  async protocol => {
    const { exports, taken, acknowledged, falselyAcknowledged } = await lieTo(protocol, logsUrl =>
      ours(logsUrl, protocol),
    );
    report(`false acknowledgements, ${protocol}`, { exports, taken, acknowledged, false: falselyAcknowledged.length });
    expect(falselyAcknowledged).toEqual([]);
    expect(acknowledged).toBeGreaterThan(taken / 10);
  },
);

it('a stray answer on a connection that is kept acknowledges the wrong batch, so that the lies are shown to deceive', async () => {
  const { exports, falselyAcknowledged } = await lieTo('kept', logsUrl => stockKeepingAlive(logsUrl));
  report('false acknowledgements of the stock exporter on kept connections', {
    exports,
    false: falselyAcknowledged.length,
  });
  expect(falselyAcknowledged.filter(text => text.includes('an honest answer'))).not.toEqual([]);
});

/** Exports to backends that lie, and counts what was acknowledged without having been taken. */
async function lieTo(name: string, open: (logsUrl: string) => { send: Export; end(): Promise<void> }) {
  const counts = { exports: 0, taken: 0, acknowledged: 0 };
  const trials = Array.from({ length: TRIALS }, (_, n) => n);
  const falselyAcknowledged = await failuresOf(trials, AT_ONCE, async trial => {
    const dice = diceFor(`${name} ${trial}`);
    const backend = await startLyingBackend();
    const { send, end } = open(backend.logsUrl);
    const lies = Array.from({ length: EXPORTS }, () => someLie(dice));
    const wrong: string[] = [];
    for (const lie of lies) {
      backend.tell([lie]);
      const isTaken = await send(batch(lie, dice));
      counts.exports += 1;
      counts.taken += Number(lie.accepts);
      counts.acknowledged += Number(isTaken);
      if (isTaken && !lie.accepts)
        wrong.push(`acknowledged after: ${lies.map(each => each.name).join(', ')}; at ${lie.name}`);
    }
    await end();
    await backend.close();
    return wrong;
  });
  return { ...counts, falselyAcknowledged };
}

function batch(lie: Lie, dice: Dice): readonly LogRecord[] {
  return lie.early
    ? [logRecord('large', { body: LARGE })]
    : [logRecord('a', { body: dice.hex(16) }), logRecord('b', { body: dice.hex(2000) })];
}

function ours(logsUrl: string, protocol: ExporterConfig['protocol']) {
  const batch = { maxRecords: 100, maxBytes: 2 ** 21 };
  const config = {
    logsUrl,
    protocol,
    compression: 'none',
    timeoutMs: TIMEOUT_MS,
    headers: {},
    tls: {},
    batch,
  } as const;
  const exporter = createOtlpExporter(config, SCOPE);
  const send: Export = async records => {
    const { signal } = new AbortController();
    return (await exporter.export(records, { timeoutMs: TIMEOUT_MS, signal })).kind === 'acknowledged';
  };
  return { send, end: () => exporter.shutdown() };
}

/** As OpenTelemetry ships it. */
function stockKeepingAlive(url: string) {
  const exporter = new OTLPLogExporter({ url, timeoutMillis: TIMEOUT_MS, httpAgentOptions: { keepAlive: true } });
  const send: Export = async records =>
    new Promise(resolve => {
      // It may never say.
      setTimeout(resolve, 2 * TIMEOUT_MS, false);
      exporter.export(toSdkRecords(records, SCOPE), ({ code }) => resolve(code === ExportResultCode.SUCCESS));
    });
  return { send, end: async () => undefined };
}
