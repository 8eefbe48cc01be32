import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Stands between a sender and a backend, to stop the world between "stored" and "told so". */
export interface Gate {
  readonly url: string;
  /**
   * Lets `answers` more exports pass and leaves every one after them without answer: `stored` in the backend before, or
   * `kept` from it. Resolves when the first of them has come so far.
   */
  readonly hold: (answers: number, what: 'stored' | 'kept') => Promise<void>;
  /** Breaks the connections that got no answer and lets everything pass again. */
  readonly release: () => void;
  /** How many attempts found no backend behind the gate; their connections were broken. */
  readonly unanswered: () => number;
  /** Those of all exports, each once: `application/json gzip`. */
  readonly encodings: () => readonly string[];
  readonly close: () => void;
}

/** In front of the backend at `target`, an URL without a path. */
export async function startGate(target: string): Promise<Gate> {
  let left = Number.POSITIVE_INFINITY;
  let held: 'stored' | 'kept' = 'stored';
  let onHeld: () => void = () => undefined;
  let unanswered = 0;
  const encodings = new Set<string>();
  const waiting = new Set<ServerResponse>();

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { 'content-type': type, 'content-encoding': compression } = request.headers;
    encodings.add(`${type} ${compression}`);
    left -= 1;
    const passes = left >= 0;
    const body = await buffer(request);
    const answer = passes || held === 'stored' ? await forward(target, request, body) : undefined;
    if (passes && answer !== undefined) {
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    waiting.add(response);
    onHeld();
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => {
      unanswered += 1;
      response.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');

  const release = (): void => {
    left = Number.POSITIVE_INFINITY;
    for (const response of waiting) response.destroy();
    waiting.clear();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    hold: (answers, what) =>
      new Promise(resolve => {
        left = answers;
        held = what;
        onHeld = resolve;
      }),
    release,
    unanswered: () => unanswered,
    encodings: () => [...encodings],
    close: () => {
      release();
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const answer = await fetch(new URL(request.url ?? '/', target), {
    method: request.method ?? 'POST',
    headers: only(request.headers, ['content-type', 'content-encoding']),
    body: new Uint8Array(body),
  });
  return {
    status: answer.status,
    headers: only(Object.fromEntries(answer.headers), ['content-type', 'retry-after']),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

function only(headers: NodeJS.Dict<string | string[]>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
