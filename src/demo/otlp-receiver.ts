import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** A log record as the backend got it. */
export interface ReceivedRecord {
  readonly about: 'event' | 'inventory';
  readonly uid: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The Body, where it is a plain string. */
  readonly text: string | undefined;
  /** Attributes that are plain strings. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** How often each event was acknowledged, by uid. */
  readonly received: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface OtlpReceiverOptions {
  /** A backend to pass every request on to; its answer is the answer, and only what it accepts counts as received. */
  readonly forwardTo?: string | undefined;
  /** Hears of each record once. */
  readonly onRecord: (record: ReceivedRecord) => void;
}

const gunzipBody = promisify(gunzip);

/** An OTLP/HTTP receiver on loopback that takes JSON logs and counts them. */
export async function startOtlpReceiver({ forwardTo, onRecord }: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const counts = { event: new Map<string, number>(), inventory: new Map<string, number>() } as const;
  const server = createServer((request, response) => {
    receive(request, response, forwardTo).then(
      records => {
        for (const record of records) {
          const count = counts[record.about].get(record.uid) ?? 0;
          counts[record.about].set(record.uid, count + 1);
          if (count === 0) onRecord(record);
        }
      },
      (error: Error) => answer(response, 400, { message: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    received: counts.event,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers; resolves to the records that were accepted. */
async function receive(request: IncomingMessage, response: ServerResponse, forwardTo: string | undefined) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.method !== 'POST' || request.url !== '/v1/logs') {
    answer(response, 404, { message: 'logs are taken at POST /v1/logs' });
    return [];
  }
  if (!request.headers['content-type']?.startsWith('application/json')) {
    answer(response, 415, { message: 'this receiver reads OTLP as JSON' });
    return [];
  }
  const text = request.headers['content-encoding'] === 'gzip' ? await gunzipBody(body) : body;
  const records = recordsOf(JSON.parse(text.toString()));
  if (forwardTo === undefined) {
    answer(response, 200, { partialSuccess: {} });
    return records;
  }
  const status = await forward(request, body, forwardTo, response);
  return status < 300 ? records : [];
}

async function forward(request: IncomingMessage, body: Buffer, url: string, response: ServerResponse): Promise<number> {
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
  try {
    const upstream = await fetch(url, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: new Uint8Array(body),
      redirect: 'manual',
    });
    const answered = Buffer.from(await upstream.arrayBuffer());
    const type = upstream.headers.get('content-type');
    const retryAfter = upstream.headers.get('retry-after');
    response.writeHead(upstream.status, {
      ...(type === null ? {} : { 'content-type': type }),
      ...(retryAfter === null ? {} : { 'retry-after': retryAfter }),
    });
    response.end(answered);
    return upstream.status;
  } catch (error) {
    // Not 503, which may mean a batch that is too large: the collector would send smaller and smaller ones.
    answer(response, 502, { message: `cannot reach ${url}: ${reasonOf(error)}` });
    return 502;
  }
}

/** fetch says only that it failed; why stands in the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as Error;
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

type Attributes = readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];

interface OtlpRecord {
  readonly timeUnixNano?: string;
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: Attributes;
}

interface OtlpLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: Attributes };
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly OtlpRecord[];
    }[];
  }[];
}

/** What the collector says of itself is of another service, and left out. */
const SERVICES: ReadonlyMap<unknown, ReceivedRecord['about']> = new Map([
  ['openai-audit', 'event'],
  ['openai-inventory', 'inventory'],
]);

function recordsOf({ resourceLogs = [] }: OtlpLogs): readonly ReceivedRecord[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) => {
    const about = SERVICES.get(attribute(resource?.attributes, 'service.name'));
    if (about === undefined) return [];
    return scopeLogs.flatMap(({ logRecords = [] }) => logRecords.map(record => toRecord(about, record)));
  });
}

function toRecord(
  about: ReceivedRecord['about'],
  { timeUnixNano = '0', body, attributes = [] }: OtlpRecord,
): ReceivedRecord {
  const texts = attributes.flatMap(({ key, value }): [string, string][] =>
    value.stringValue === undefined ? [] : [[key, value.stringValue]],
  );
  const byName = new Map(texts);
  return {
    about,
    uid: byName.get('log.record.uid') ?? '',
    timestamp: Number(BigInt(timeUnixNano) / 1_000_000_000n),
    text: body?.stringValue,
    attributes: byName,
  };
}

function attribute(attributes: Attributes | undefined, name: string): string | undefined {
  return attributes?.find(({ key }) => key === name)?.value.stringValue;
}
