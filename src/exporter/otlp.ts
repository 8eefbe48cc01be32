import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { LogsExporterMetricsHelper } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { type Clock, systemClock } from '../clock.ts';
import type { ExporterConfig } from '../config/config.ts';
import type { LogRecord } from '../record.ts';
import { Attempt, type Ending } from './attempt.ts';
import { classify } from './classify.ts';
import { encodingOf, gzipped } from './encoding.ts';
import type { Exporter, Outcome } from './exporter.ts';
import { checkHeaders } from './headers.ts';
import { mostBytes } from './most-bytes.ts';
import { classifyFailure, classifyTimeout } from './network-failure.ts';
import { createRedact } from './redact.ts';
import { toSdkRecords } from './sdk-records.ts';
import { shownUrl } from './shown-url.ts';
import { readTlsFiles } from './tls-files.ts';

export interface OtlpExporterOptions {
  /** Names the instrumentation scope and the user agent. */
  readonly name: string;
  readonly version: string;
  /** Keeps the deadline of each attempt. */
  readonly clock?: Clock;
}

export interface OtlpExporter extends Exporter {
  /** Most bytes of a request with this record alone, before compression. The sum over a batch is never below its true size. */
  sizeOf(record: LogRecord): number;
}

/** Node's announcement of each HTTP request, before anything of it is sent. */
const REQUEST_CREATED = 'http.client.request.created';

/** Why a deadline ends that is needed no more. Without one, an error with its stack would be made for nobody. */
const OVER = 'over';

/** What OpenTelemetry calls the stock exporter, whose parts are used here. */
const COMPONENT = 'otlp_http_log_exporter';

/**
 * The stock exporter of the stock SDK, put together here for the sake of its gzip, with one fresh connection an attempt:
 * on a reused connection a stray answer acknowledges the wrong batch. What it does not tell is read from its request.
 * Throws ExitError for headers and TLS files that cannot be used.
 */
export function createOtlpExporter(config: ExporterConfig, options: OtlpExporterOptions): OtlpExporter {
  checkHeaders(config.headers);
  const tls = readTlsFiles(config.tls);
  const clock = options.clock ?? systemClock;
  const url = new URL(config.logsUrl);
  const redact = createRedact([...Object.values(config.headers), ...urlSecrets(url)]);
  const backend = { shownUrl: shownUrl(url), redact };
  const encoding = encodingOf(config.protocol);
  const gzip = config.compression === 'gzip';
  const headers = gzip ? { ...config.headers, 'content-encoding': 'gzip' } : config.headers;
  const ownHeaders = new Set(['host', 'content-type', 'user-agent', ...Object.keys(headers).map(lowerCase)]);

  const attempts = new AsyncLocalStorage<Attempt>();
  const onRequest = (message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    attempts.getStore()?.watch(request);
  };
  subscribe(REQUEST_CREATED, onRequest);

  const agent =
    url.protocol === 'https:'
      ? // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off where nothing is said.
        new HttpsAgent({ keepAlive: false, maxCachedSessions: 0, rejectUnauthorized: true, ...tls })
      : new HttpAgent({ keepAlive: false });
  const transport = convertLegacyHttpOptions(
    {
      url: config.logsUrl,
      // Read anew before each request, which is where its inner retries end.
      headers: async () => {
        attempts.getStore()?.allowRequest();
        return { ...headers };
      },
      compression: CompressionAlgorithm.NONE,
      userAgent: `${options.name}/${options.version}`,
      httpAgentOptions: () => agent,
      // Any back-off is longer than this, so that no timer stays behind; the request itself has our deadline.
      timeoutMillis: 1,
    },
    'LOGS',
    'v1/logs',
    { 'Content-Type': encoding.contentType },
  );
  const stock = createOtlpHttpExportDelegate(
    transport,
    gzip ? gzipped(encoding.serializer) : encoding.serializer,
    COMPONENT,
    LogsExporterMetricsHelper,
    undefined,
  );
  const startStock = (attempt: Attempt, records: ReadableLogRecord[]): Promise<ExportResult> => {
    const { promise, resolve } = Promise.withResolvers<ExportResult>();
    attempts.run(attempt, () => context.with(suppressTracing(context.active()), () => stock.export(records, resolve)));
    return promise;
  };

  /** Records that were looked through for their size, and found to need no change. */
  const safe = new WeakSet<LogRecord>();
  const outcomeOf = (ending: Exclude<Ending, { kind: 'aborted' }>, timeoutMs: number): Outcome => {
    switch (ending.kind) {
      case 'answered':
        return prefixed(classify(ending.answer, { protocol: config.protocol, redact, nowMs: clock.nowMs() }), url);
      case 'failed':
        return classifyFailure(ending.error, ending.reached, backend);
      case 'timed_out':
        return classifyTimeout(timeoutMs, ending.reached, backend);
    }
  };

  return {
    async export(records, { timeoutMs, signal }) {
      signal.throwIfAborted();
      if (records.length === 0) return { kind: 'acknowledged' };
      const attempt = new Attempt(ownHeaders);
      const onAbort = () => attempt.end({ kind: 'aborted' });
      signal.addEventListener('abort', onAbort, { once: true });
      const over = new AbortController();
      const deadline = clock.sleep(timeoutMs, over.signal).then(
        () => attempt.end({ kind: 'timed_out', reached: attempt.reached }),
        () => {},
      );
      try {
        const result = startStock(attempt, toSdkRecords(records, options, safe));
        void result.then(unseen => {
          if (!attempt.wasSent) attempt.end(endingOf(unseen));
        });
        const ending = await attempt.ending;
        if (ending.kind === 'aborted') throw signal.reason;
        const outcome = outcomeOf(ending, timeoutMs);
        if (outcome.kind !== 'acknowledged' && outcome.kind !== 'partial') return outcome;
        const confirmed = await Promise.race([result, deadline]);
        return confirmed?.code === ExportResultCode.SUCCESS ? outcome : prefixed(unconfirmed(), url);
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'refused', status: 0, message: redact(`cannot be encoded: ${String(error)}`) };
      } finally {
        over.abort(OVER);
        signal.removeEventListener('abort', onAbort);
      }
    },
    sizeOf(record) {
      const most = mostBytes(record);
      if (most !== undefined) {
        safe.add(record);
        return most + (options.name.length + options.version.length);
      }
      try {
        return encoding.serializer.serializeRequest(toSdkRecords([record], options))?.length ?? 0;
      } catch {
        // Its export says what is wrong with it.
        return 0;
      }
    },
    async shutdown() {
      unsubscribe(REQUEST_CREATED, onRequest);
    },
  };
}

/** The stock exporter gave up before it made a request, or claims a success of which nothing was seen. */
function endingOf(result: ExportResult): Ending {
  const error = result.error ?? new Error('no request was seen');
  return { kind: 'failed', error, reached: result.code === ExportResultCode.SUCCESS ? 'connected' : 'nothing' };
}

function unconfirmed(): Outcome {
  const message = 'an answer was read that the OpenTelemetry exporter does not take for a success';
  return { kind: 'retryable', message, unknown: true, timedOut: false };
}

/** Names the backend, without what may be secret in its URL. */
function prefixed(outcome: Outcome, url: URL): Outcome {
  if (outcome.kind === 'partial' || !('message' in outcome)) return outcome;
  return { ...outcome, message: `${url.origin} ${outcome.message}` };
}

/** As written and as meant. */
function urlSecrets(url: URL): string[] {
  const credentials = [url.username, url.password];
  return [...credentials, ...credentials.map(decoded), ...url.searchParams.values()].filter(text => text !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
