import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { decodeLogsRequest } from './otlp-protobuf.ts';
import { type ReceivedRecord, recordsOf } from './otlp-records.ts';

/** What the server does with one request. Without anything: 200 `{}`, like a Collector. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Waits so long before it answers. */
  readonly delayMs?: number;
  /**
   * `reset`: closes the connection instead of answering; `hang`: never answers; `early`: answers as soon as the
   * headers are there and leaves the body unread; `truncated`: closes in the middle of the body.
   */
  readonly how?: 'reset' | 'hang' | 'early' | 'truncated';
  /** Bytes that stand for the whole answer, as they are; with `truncated`, the connection ends after them. */
  readonly raw?: string;
  /** Bytes sent on the same connection after the answer, and how long after. */
  readonly stray?: string;
  readonly strayAfterMs?: number;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** As it came, before decompression. */
  readonly body: Buffer;
  readonly records: readonly ReceivedRecord[];
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
}

type Script = (request: ReceivedRequest, index: number) => ScriptedAnswer;

export interface OtlpServer {
  readonly origin: string;
  /** The URL that logs are posted to. */
  readonly logsUrl: string;
  /** All requests whose body came whole, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections so far. */
  readonly connections: number;
  /** From the next request on: one answer each, the last one for ever. */
  answer(...answers: readonly ScriptedAnswer[]): void;
  /** From the next request on: what the function says. Cannot be `early`, since it looks at the request. */
  answerWith(script: Script): void;
  /** Whether the next connection is greeted with bytes before it said anything. */
  greet(bytes: string | undefined): void;
  close(): Promise<void>;
}

export interface OtlpServerOptions {
  /** Certificate and key by name in test/fixtures/tls; `clientCa` demands a client certificate (mTLS). */
  readonly tls?: { readonly certificate: 'server' | 'elsewhere'; readonly clientCa?: boolean };
  /** 0: any free port. */
  readonly port?: number;
}

export const tlsFixture = (name: string): string => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname;

/** An OTLP/HTTP receiver on loopback that answers by script. */
export async function startOtlpServer(options: OtlpServerOptions = {}): Promise<OtlpServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Map<Socket, number>();
  const open = new AbortController();
  let script: readonly ScriptedAnswer[] | Script = [];
  let answered = 0;
  let connections = 0;
  let greeting: string | undefined;

  const onRequest = async (incoming: IncomingMessage, response: ServerResponse) => {
    const index = answered;
    const listed = typeof script === 'function' ? undefined : (script[Math.min(index, script.length - 1)] ?? {});
    if (listed?.how === 'early') {
      answered += 1;
      return writeAnswer(response, listed);
    }
    const request = await readRequest(incoming, sockets.get(incoming.socket) ?? 0);
    if (request === undefined) return;
    if (request instanceof Error) return writeAnswer(response, { status: 400, body: request.message });
    answered += 1;
    requests.push(request);
    const answer = typeof script === 'function' ? script(request, index) : (listed ?? {});
    await delay(answer.delayMs ?? 0, undefined, { signal: open.signal }).catch(() => {});
    if (answer.how !== 'hang') writeAnswer(response, answer);
  };
  const handle = (incoming: IncomingMessage, response: ServerResponse) => void onRequest(incoming, response);
  const server =
    options.tls === undefined ? createHttpServer(handle) : createHttpsServer(tlsOptions(options.tls), handle);
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.set(socket, connections);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (greeting !== undefined) socket.write(greeting);
  });
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;

  return {
    origin,
    logsUrl: `${origin}/v1/logs`,
    requests,
    get connections() {
      return connections;
    },
    answer(...answers) {
      [script, answered] = [answers, 0];
    },
    answerWith(next) {
      [script, answered] = [next, 0];
    },
    greet(bytes) {
      greeting = bytes;
    },
    async close() {
      open.abort();
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function tlsOptions(tls: NonNullable<OtlpServerOptions['tls']>) {
  const pem = (name: string) => readFileSync(tlsFixture(name), 'utf8');
  const pair = { cert: pem(`${tls.certificate}.pem`), key: pem(`${tls.certificate}.key`) };
  return tls.clientCa ? { ...pair, ca: pem('ca.pem'), requestCert: true, rejectUnauthorized: true } : pair;
}

/** Undefined when the client went away; an error for a body that no receiver could read. */
async function readRequest(
  incoming: IncomingMessage,
  connection: number,
): Promise<ReceivedRequest | Error | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  const body = Buffer.concat(chunks);
  const { headers, method = '', url: path = '' } = incoming;
  try {
    return { method, path, headers, body, records: decode(headers, body), connection };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function decode(headers: IncomingMessage['headers'], body: Buffer): readonly ReceivedRecord[] {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  const isJson = headers['content-type'] === 'application/json';
  return recordsOf(isJson ? JSON.parse(plain.toString('utf8')) : decodeLogsRequest(plain));
}

function writeAnswer(response: ServerResponse, answer: ScriptedAnswer): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  if (answer.how === 'reset') return void ('encrypted' in socket ? socket.destroy() : socket.resetAndDestroy());
  if (answer.raw !== undefined)
    return void (answer.how === 'truncated' ? socket.end(answer.raw) : socket.write(answer.raw));
  const body = Buffer.from(answer.body ?? (answer.status === undefined ? '{}' : ''));
  const missing = answer.how === 'truncated' ? 100 : 0;
  const hasLength = answer.status !== 204 && answer.headers?.['transfer-encoding'] === undefined;
  response.writeHead(answer.status ?? 200, {
    'content-type': 'application/json',
    ...(hasLength ? { 'content-length': String(body.length + missing) } : {}),
    ...answer.headers,
  });
  if (answer.how === 'truncated') {
    response.write(body, () => socket.destroy());
    return;
  }
  response.end(body, () => {
    const { stray, strayAfterMs = 0 } = answer;
    if (stray !== undefined) setTimeout(() => !socket.destroyed && socket.write(stray), strayAfterMs);
  });
}
