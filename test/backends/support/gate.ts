import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Stands between a sender and a backend, to stop the world between "stored" and "told so". */
export interface Gate {
  readonly url: string;
  /**
   * Lets `answers` more answers pass and withholds every one after them, though the backend has it; resolves when the
   * first is withheld.
   */
  readonly hold: (answers: number) => Promise<void>;
  /** Breaks the connections whose answers were withheld and lets everything pass again. */
  readonly release: () => void;
  /** How many attempts found no backend behind the gate; their connections were broken. */
  readonly unanswered: () => number;
  readonly close: () => void;
}

export async function startGate(target: string): Promise<Gate> {
  let left = Number.POSITIVE_INFINITY;
  let unanswered = 0;
  let onHeld: () => void = () => undefined;
  const waiting = new Set<ServerResponse>();

  const server = createServer((request, response) => {
    void forward(target, request).then(
      answer => {
        left -= 1;
        if (left >= 0) {
          response.writeHead(answer.status, answer.headers).end(answer.body);
          return;
        }
        waiting.add(response);
        onHeld();
      },
      () => {
        unanswered += 1;
        response.destroy();
      },
    );
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
    hold: answers =>
      new Promise(resolve => {
        left = answers;
        onHeld = resolve;
      }),
    release,
    unanswered: () => unanswered,
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

async function forward(target: string, request: IncomingMessage): Promise<Answer> {
  const answer = await fetch(new URL(request.url ?? '/', target), {
    method: request.method ?? 'POST',
    headers: only(request.headers, ['content-type', 'content-encoding']),
    body: new Uint8Array(await buffer(request)),
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
