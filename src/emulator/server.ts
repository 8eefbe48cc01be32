import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../clock.ts';
import { BASE_PATH } from './api.ts';
import { type Emulator, isControl } from './emulator.ts';
import type { EmulatedRequest, Message, Reply } from './reply.ts';

export interface EmulatorServer {
  readonly port: number;
  /** Base URL for a client, with the base path. */
  readonly url: string;
  /** Stops listening and breaks every connection. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly host?: string;
  /** What delays are measured by. */
  readonly clock?: Clock;
}

/** The emulated API on a port. Rejects with the error of `listen`, for example EADDRINUSE. */
export async function serve(emulator: Emulator, options: ServeOptions): Promise<EmulatorServer> {
  const { host = '127.0.0.1', clock = systemClock } = options;
  const stop = new AbortController();
  const server = createServer((request, response) => {
    response.sendDate = false;
    answer(emulator, request, response, clock, stop.signal).catch(() => request.socket.destroy());
  });
  await listen(server, options.port, host);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${BASE_PATH}`,
    async close() {
      stop.abort();
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Rejects when the other side went away before it was told everything. */
async function answer(
  emulator: Emulator,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const reply = await replyTo(emulator, request);
  if (reply.kind === 'hang') return;
  if (reply.delayMs > 0) await clock.sleep(reply.delayMs, signal);
  send(reply, request, response);
}

async function replyTo(emulator: Emulator, request: IncomingMessage): Promise<Reply> {
  const target = request.url ?? '/';
  if (isControl(target) && !isLoopback(request.socket.remoteAddress)) {
    const body = JSON.stringify({ error: 'Only the machine that the emulator runs on may control it.' });
    return { kind: 'answer', delayMs: 0, status: 403, headers: { 'content-type': 'application/json' }, body };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const emulated: EmulatedRequest = {
    method: request.method ?? 'GET',
    target,
    headers: { authorization: request.headers.authorization },
    body: Buffer.concat(chunks).toString(),
  };
  return emulator.handle(emulated);
}

function send(reply: Exclude<Reply, { kind: 'hang' }>, request: IncomingMessage, response: ServerResponse): void {
  if (reply.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length } satisfies Headers);
  if (reply.kind === 'answer') response.end(body);
  else response.write(body.subarray(0, reply.bytes), () => request.socket.destroy());
}

type Headers = Message['headers'] | { readonly 'content-length': number };

/** Whether a peer's address is of this machine. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
