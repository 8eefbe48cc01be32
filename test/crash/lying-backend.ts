import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from '../../src/emulator/random.ts';

/** Bytes to send, and how long to wait before them. */
interface Piece {
  readonly afterMs: number;
  readonly bytes: string;
}

/** What the backend does with the next request, and the truth about it. */
export interface Lie {
  readonly name: string;
  /** Whether the backend took the whole batch. */
  readonly accepts: boolean;
  /** Sent as soon as the connection stands, before anything was asked. */
  readonly greeting?: readonly Piece[];
  /** Sent when the headers are there, while the body is left unread. Else when all of the request is there. */
  readonly early?: boolean;
  readonly answer: readonly Piece[];
  /** Whether it closes the connection after that. */
  readonly closes?: boolean;
  /** Sent when the next request on this connection is there, in front of its answer. */
  readonly owes?: string;
}

export interface LyingBackend {
  readonly logsUrl: string;
  /** From now on, one for each request in their order; the last one for ever. */
  tell(lies: readonly Lie[]): void;
  close(): Promise<void>;
}

/** A raw TCP server that speaks what it likes. It reads requests one after another, also several on one connection. */
export async function startLyingBackend(): Promise<LyingBackend> {
  const sockets = new Set<Socket>();
  let lies: readonly Lie[] = [];
  let requests = 0;
  const next = () => lies[Math.min(requests, lies.length - 1)];
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    void send(socket, next()?.greeting ?? []);
    let received = Buffer.alloc(0);
    let owed = '';
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const lie = next();
        const end = lie?.early ? endOfHead(received) : endOfRequest(received);
        if (end === undefined || lie === undefined) return;
        if (lie.early) socket.pause();
        received = received.subarray(end);
        requests += 1;
        const before = owed === '' ? [] : [{ afterMs: 0, bytes: owed }];
        owed = lie.owes ?? '';
        void send(socket, [...before, ...lie.answer]).then(() => lie.closes && socket.end());
        if (lie.early) return;
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    logsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`,
    tell(told) {
      [lies, requests] = [told, 0];
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function endOfHead(received: Buffer): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? undefined : end + 4;
}

/** Where the first request ends; undefined while it is not all there. */
function endOfRequest(received: Buffer): number | undefined {
  const head = endOfHead(received);
  if (head === undefined) return undefined;
  const text = received.toString('latin1', 0, head);
  if (/transfer-encoding: *chunked/i.test(text)) {
    const last = received.indexOf(LAST_CHUNK, head - 2);
    return last < 0 ? undefined : last + LAST_CHUNK.length;
  }
  const end = head + Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
  return received.length < end ? undefined : end;
}

async function send(socket: Socket, pieces: readonly Piece[]): Promise<void> {
  for (const { afterMs, bytes } of pieces) {
    if (afterMs > 0) await delay(afterMs);
    if (!socket.destroyed) socket.write(bytes);
  }
}

const LAST_CHUNK = '\r\n0\r\n\r\n';
const JSON_TYPE = 'content-type: application/json\r\n';
const TAKEN = `HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`;
const REFUSED = `HTTP/1.1 400 Bad Request\r\n${JSON_TYPE}content-length: 2\r\n\r\n{}`;
/** Over every cap. */
const LONG = 5 * 1024 * 1024;

/**
 * Every way of answering wrongly, with gaps of 0 to 20 ms, where the wire shows the truth. It does not where a backend
 * sends a whole 200 for the only request of a connection after all of that has left, and means nothing by it.
 */
export function someLie(dice: Dice): Lie {
  const gap = () => dice.integer(0, 20);
  const now = (...texts: readonly string[]): Piece[] => texts.map(bytes => ({ afterMs: 0, bytes }));
  const later = (bytes: string): Piece => ({ afterMs: gap(), bytes });
  // Whoever hears at once may not have noticed yet that all of the request has left, and keeps no such connection.
  const slowly = (bytes: string): Piece => ({ afterMs: dice.integer(5, 20), bytes });
  const accepts = dice.chance(0.5);
  const honest = accepts ? TAKEN : REFUSED;
  const chunked = (text: string) => `HTTP/1.1 200 OK\r\n${JSON_TYPE}transfer-encoding: chunked\r\n\r\n${text}`;
  return dice.pick<Lie>([
    { name: 'an honest answer', accepts, answer: now(honest) },
    { name: 'a 200 too much, in front of the next answer', accepts, answer: [slowly(honest)], owes: TAKEN },
    { name: 'an answer in pieces', accepts, answer: pieces(honest, dice).map(later) },
    { name: 'a stray 200 after it', accepts, answer: [...now(honest), later(TAKEN)] },
    { name: 'the answer twice', accepts, answer: [...now(honest), later(honest)] },
    { name: 'two answers at once', accepts, answer: now(honest + TAKEN) },
    { name: 'a greeting with a 200', accepts: false, early: true, greeting: [later(TAKEN)], answer: now(REFUSED) },
    { name: 'a 200 before the body was read', accepts: false, early: true, answer: [later(TAKEN)] },
    { name: '100 and 103 before a refusal', accepts: false, answer: [...now(CONTINUE), later(HINTS), later(REFUSED)] },
    { name: '102 and nothing more', accepts: false, answer: now('HTTP/1.1 102 Processing\r\n\r\n'), closes: true },
    { name: 'a switch of protocols', accepts: false, answer: now(SWITCH + TAKEN) },
    { name: 'garbage after it', accepts, answer: [...now(honest), later(`\0${dice.hex(64)}\r\n\r\n`)] },
    { name: 'garbage before it', accepts: false, answer: now(`${dice.hex(8)}\r\n`, TAKEN) },
    { name: 'a 200 that is cut off', accepts: false, answer: now(sized(50, '{"partial')), closes: true },
    {
      name: 'a length that is too short',
      accepts,
      answer: now(`${honest}{"partialSuccess":{"rejectedLogRecords":"1"}}`),
    },
    { name: 'two lengths', accepts: false, answer: now(TAKEN.replace('\r\n\r\n', '\r\ncontent-length: 9\r\n\r\n')) },
    { name: 'a length and chunks', accepts: false, answer: now(sized(2, '{}').replace('\r\n\r\n', BOTH)) },
    { name: 'chunks', accepts: true, answer: [...now(chunked('')), later('2\r\n{}\r\n'), later('0\r\n\r\n')] },
    { name: 'chunks without an end', accepts: false, answer: [...now(chunked('2\r\n{}\r\n'))], closes: true },
    { name: 'a chunk with a wrong length', accepts: false, answer: now(chunked('9\r\n{}\r\n0\r\n\r\n')), closes: true },
    { name: 'an oversized 200', accepts: false, answer: now(sized(LONG, `{${' '.repeat(LONG - 2)}}`)) },
    { name: 'an endless 200', accepts: false, answer: [...now(chunked('')), later(`500000\r\n${' '.repeat(LONG)}`)] },
    { name: 'a page of HTML with 200', accepts: false, answer: now(sized(17, '<html>Sign in</ht')) },
    { name: 'an empty 200 that ends with the connection', accepts: false, answer: now(UNTIL_CLOSE), closes: true },
    { name: 'a 200 of which some is rejected', accepts: false, answer: now(sized(43, PARTIAL)) },
    {
      name: 'a redirect',
      accepts: false,
      answer: now('HTTP/1.1 307 Moved\r\nlocation: /v1/logs\r\ncontent-length: 0\r\n\r\n'),
    },
    { name: 'no answer', accepts: false, answer: [], closes: true },
  ]);
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n';
const UNTIL_CLOSE = `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\n`;
const BOTH = '\r\ntransfer-encoding: chunked\r\n\r\n';
const PARTIAL = '{"partialSuccess":{"rejectedLogRecords":1}}';

function sized(length: number, body: string): string {
  return `HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: ${length}\r\n\r\n${body}`;
}

function pieces(text: string, dice: Dice): readonly string[] {
  const cuts = [dice.integer(1, 20), dice.integer(21, 40), text.length - 1].filter(cut => cut < text.length);
  return [0, ...cuts].map((from, n) => text.slice(from, cuts[n] ?? text.length));
}
