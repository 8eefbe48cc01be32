import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const inflate = promisify(gunzip);

/** Ids of audit events in OTLP/JSON, and nothing else of it: reading all would take the time of what is measured. */
const UID = /"key":"log\.record\.uid","value":\{"stringValue":"(audit_log-\w+)"/g;

/** A backend that accepts everything at once and looks at it later. */
export interface Sink {
  readonly origin: string;
  /** When each event was there first, Unix milliseconds. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** Copies of events beyond the first. */
  readonly doubled: number;
  /** Resolves when everything that was posted so far has been looked at. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function openSink(): Promise<Sink> {
  const arrivals = new Map<string, number>();
  let doubled = 0;
  let looked: Promise<unknown> = Promise.resolve();
  const look = async (body: Buffer, atMs: number) => {
    for (const [, uid = ''] of (await inflate(body)).toString().matchAll(UID)) {
      if (arrivals.has(uid)) doubled += 1;
      else arrivals.set(uid, atMs);
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // One that breaks off has no end, and was not received.
    request.on('error', () => undefined);
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      const [body, atMs] = [Buffer.concat(chunks), Date.now()];
      looked = looked.then(() => look(body, atMs));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    get doubled() {
      return doubled;
    },
    settled: async () => void (await looked),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
