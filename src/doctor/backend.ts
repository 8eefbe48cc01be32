import type { Config } from '../config/config.ts';
import type { Outcome } from '../exporter/exporter.ts';
import { createOtlpExporter } from '../exporter/otlp.ts';
import { readTlsFiles } from '../exporter/tls-files.ts';
import type { LogRecord } from '../record.ts';
import { fail, ok, type Result, skipped } from './check.ts';
import { checkTls } from './network.ts';
import { once } from './once.ts';
import type { World } from './world.ts';

const TIMEOUT_MS = 4000;

/** The backend, to which each record is sent at most once. */
export interface Backend {
  readonly url: URL;
  /** A record of now. */
  readonly now: () => Promise<Outcome>;
  /** A record as old as the oldest event that is wanted. */
  readonly old: () => Promise<Outcome>;
}

/** @param oldestMs Unix milliseconds of the oldest event that is wanted */
export function openBackend(config: Config, oldestMs: number, world: World, signal: AbortSignal): Backend {
  const send = (atMs: number, instance: string) =>
    once(async () => {
      const exporter = createOtlpExporter(config.exporter, { name: 'openai-audit-collector', version: world.version });
      try {
        return await exporter.export([probe(config, atMs, instance)], { timeoutMs: TIMEOUT_MS, signal });
      } finally {
        await exporter.shutdown();
      }
    });
  return {
    url: new URL(config.exporter.logsUrl),
    now: send(world.clock.nowMs(), 'doctor'),
    // Of each day a stream of its own: a stream that may not go back refuses nothing because of another run.
    old: send(oldestMs, `doctor/${new Date(oldestMs).toISOString().slice(0, 10)}`),
  };
}

function probe({ resourceAttributes }: Config, atMs: number, instance: string): LogRecord {
  return {
    resource: {
      ...resourceAttributes,
      'service.name': 'openai-audit-collector',
      'service.namespace': 'openai',
      'service.instance.id': instance,
    },
    timestamp: Math.floor(atMs / 1000),
    observedAtMs: atMs,
    eventName: 'openai.collector.probe',
    severityNumber: 9,
    body: 'The doctor of the collector asks whether a record of this time is accepted.',
    attributes: { 'event.name': 'openai.collector.probe' },
  };
}

/** Whether the headers and files can be used at all. */
export async function checkSettings(config: Config, world: World): Promise<Result> {
  await createOtlpExporter(config.exporter, { name: 'openai-audit-collector', version: world.version }).shutdown();
  return ok();
}

/** The handshake, and what only a request shows: TLS 1.3 tells of a missing certificate when it stands already. */
export async function checkBackendTls(config: Config, backend: Backend, signal: AbortSignal): Promise<Result> {
  const handshake = await checkTls('backend', backend.url, readTlsFiles(config.exporter.tls), signal);
  if (handshake.mark !== 'ok') return handshake;
  const outcome = await backend.now();
  const isTls = outcome.kind === 'misconfigured' && (statusOf(outcome) === 0 || /HTTPS server/i.test(outcome.message));
  return isTls ? fail('backend-tls', outcome.message) : handshake;
}

export async function checkPath({ now }: Backend): Promise<Result> {
  const outcome = await now();
  if (outcome.kind !== 'misconfigured' || [401, 403, 407].includes(statusOf(outcome))) return ok();
  const isPath = statusOf(outcome) !== 400 || /content.?(type|encoding)/i.test(outcome.message);
  return isPath ? fail('backend-path', outcome.message) : ok();
}

export async function checkCredentials({ now }: Backend): Promise<Result> {
  const outcome = await now();
  const isRefused = outcome.kind === 'misconfigured' && [401, 403, 407].includes(statusOf(outcome));
  return isRefused ? fail('backend-credentials', outcome.message) : ok();
}

export async function checkAcknowledged({ now }: Backend): Promise<Result> {
  const outcome = await now();
  switch (outcome.kind) {
    case 'acknowledged':
      return ok('a record of its own is acknowledged');
    case 'retryable':
      return fail('backend-failed', outcome.message);
    case 'too_old':
      return fail('backend-too-old', outcome.message);
    default:
      return fail('backend-refuses', outcome.message);
  }
}

export async function checkOld({ old }: Backend): Promise<Result> {
  const outcome = await old();
  if (outcome.kind === 'acknowledged') return ok();
  if (outcome.kind === 'too_old') return fail('backend-too-old', outcome.message);
  return skipped('message' in outcome ? outcome.message : 'it gave no clear answer');
}

/** As the exporter's messages tell it; 0 where there was no answer. */
function statusOf({ message }: { readonly message: string }): number {
  return Number(/ answered (\d{3})\b/.exec(message)?.[1] ?? 0);
}
