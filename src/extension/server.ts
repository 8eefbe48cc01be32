import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenOn } from '../config/config.ts';
import { ExitError } from '../errors.ts';

/** What a path answers with. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** Besides those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a page may know of who asks. */
export interface Asked {
  readonly query: URLSearchParams;
  /** Whether it comes from this machine. */
  readonly isLocal: boolean;
}

/** By path. */
export type Pages = Readonly<Record<string, (asked: Asked) => Promise<Page>>>;

export interface Server {
  /** Where it is, with the port that it got: `http://localhost:13134`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Nothing is loaded from anywhere, nothing runs, nobody frames it, no other site reads it. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const SLOWEST_REQUEST_MS = 10_000;

/**
 * Serves pages to GET and HEAD alone, and only to who asks for this machine by its own name: a page of another site must
 * not read it through a name that it points here.
 * @throws ExitError usage, which names the key, when it cannot listen there.
 */
export async function serve(key: string, { host, port }: ListenOn, pages: Pages): Promise<Server> {
  const server = createServer({ requestTimeout: SLOWEST_REQUEST_MS, maxHeaderSize: 16_384 }, (request, response) => {
    void answer(request, response, host, pages);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(cannotListen(key, host, port, error)));
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, host: string, pages: Pages): Promise<void> {
  const page = await pageFor(request, host, pages).catch(() =>
    plain(500, 'this cannot be told now; the log may say why'),
  );
  response.writeHead(page.status, {
    ...HEADERS,
    'content-type': page.type,
    'content-length': Buffer.byteLength(page.body),
    ...page.headers,
    ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

async function pageFor(
  { method, url = '/', headers, socket }: IncomingMessage,
  host: string,
  pages: Pages,
): Promise<Page> {
  if (!isOurName(headers.host ?? '', host)) return plain(421, 'this is not served under that name');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'nothing can be changed here');
  const [path = '/', query = ''] = url.split('?', 2);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return plain(404, `there are ${Object.keys(pages).join(' ')}`);
  return page({ query: new URLSearchParams(query), isLocal: isLoopback(socket.remoteAddress ?? '') });
}

/**
 * Whether a Host header can be meant for a server at `host`. A site elsewhere may point its own name here, but neither an
 * address nor a name without a dot; on a loopback address nobody else has business at all.
 */
export function isOurName(header: string, host: string): boolean {
  const name = header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (name === host.toLowerCase() || isLoopback(name)) return true;
  return !isLoopback(host) && (/^\d+(?:\.\d+){3}$/.test(name) || name.includes(':') || /^[\w-]+$/.test(name));
}

function isLoopback(name: string): boolean {
  return /^(?:localhost|[\w.-]+\.localhost|(?:::ffff:)?127(?:\.\d+){3}|::1)$/.test(name);
}

export function plain(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function cannotListen(key: string, host: string, port: number, error: NodeJS.ErrnoException): ExitError {
  const why =
    error.code === 'EADDRINUSE'
      ? `port ${port} is in use, perhaps by another collector`
      : `cannot listen at ${host}:${port} (${error.code ?? error.message})`;
  return new ExitError('port-unusable', `${key}: ${why}: set another port, 0 for any free one, or off.`, error);
}
