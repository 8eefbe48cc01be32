import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { Reached } from './network-failure.ts';

/** Loki's longest refusal seen is 65 KB; one sentence a record. */
const LONGEST_BODY = 1024 * 1024;

/** How one attempt ended. */
export type Ending =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly error: Error; readonly reached: Reached }
  | { readonly kind: 'timed_out'; readonly reached: Reached }
  | { readonly kind: 'aborted' };

/**
 * Watches the one request of one attempt. The stock exporter tells too little to decide on (not the status of a 429,
 * no Retry-After, no partial success, nor that a 2xx was cut short), and would send again by itself.
 */
export class Attempt {
  readonly ending: Promise<Ending>;
  readonly #end: (ending: Ending) => void;
  readonly #ownHeaders: ReadonlySet<string>;
  #request: ClientRequest | undefined;
  #reached: Reached = 'nothing';
  #isAnswering = false;
  #hasEnded = false;

  /** `ownHeaders`: lower-case names of the headers that may be sent. */
  constructor(ownHeaders: ReadonlySet<string>) {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ending = promise;
    this.#end = resolve;
    this.#ownHeaders = ownHeaders;
  }

  get reached(): Reached {
    return this.#reached;
  }

  /** Whether a request was made at all. */
  get wasSent(): boolean {
    return this.#request !== undefined;
  }

  /** Called by the stock exporter before each request. Throws when there was one, or must be none: no inner retry. */
  allowRequest(): void {
    if (this.#request !== undefined || this.#hasEnded) throw new Error('this attempt is over');
  }

  /** The request as Node creates it; called from inside its constructor, before anything is sent. */
  watch(request: ClientRequest): void {
    this.#request = request;
    // Stock headers from the environment: the configuration has already decided which of them count.
    for (const name of request.getHeaderNames()) if (!this.#ownHeaders.has(name)) request.removeHeader(name);
    request.once('socket', socket => {
      const standing = 'encrypted' in socket ? 'secureConnect' : 'connect';
      socket.once(standing, () => {
        this.#reached = 'connected';
      });
    });
    request.once('response', response => this.#onResponse(request, response));
    request.on('error', error => this.#fail(error));
    request.once('close', () => this.#fail(new Error('the connection was closed without an answer')));
    queueMicrotask(() => {
      // The stock time-out counts idle time only; ours is a deadline, kept by the caller.
      request.setTimeout(0);
      if (this.#hasEnded) request.destroy();
    });
  }

  /** The first ending counts. Frees the connection. */
  end(ending: Ending): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#end(ending);
    this.#request?.destroy();
  }

  #fail(error: Error): void {
    // What befalls the connection once an answer began is told by the answer being incomplete.
    if (!this.#isAnswering) this.end({ kind: 'failed', error, reached: this.#reached });
  }

  #onResponse(request: ClientRequest, response: IncomingMessage): void {
    this.#isAnswering = true;
    const early = isEarly(request);
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = async () => {
      const body = Buffer.concat(chunks).subarray(0, LONGEST_BODY);
      const oversized = length > LONGEST_BODY;
      this.end({ kind: 'answered', answer: toAnswer(response, { body, oversized, early: await early }) });
    };
    response.on('data', (chunk: Buffer) => {
      if (length > LONGEST_BODY) return;
      length += chunk.length;
      chunks.push(chunk);
      if (length > LONGEST_BODY) void finish();
    });
    response.once('end', finish);
    response.once('error', finish);
    response.once('close', finish);
  }
}

/** Asked a second time after one turn of the event loop: TLS reports a finished write that late. */
async function isEarly(request: ClientRequest): Promise<boolean> {
  if (request.writableFinished) return false;
  await new Promise(resolve => setImmediate(resolve));
  return !request.writableFinished;
}

function toAnswer(response: IncomingMessage, seen: Pick<Answer, 'body' | 'oversized' | 'early'>): Answer {
  return {
    ...seen,
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    retryAfter: response.headers['retry-after'],
    date: response.headers.date,
    complete: response.complete && !isCutUnseen(response, seen.body),
  };
}

/** Without a length an answer ends where the connection does: nobody can tell an empty one from one cut to nothing. */
function isCutUnseen(response: IncomingMessage, body: Uint8Array): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = response.headers;
  return body.length === 0 && response.statusCode !== 204 && length === undefined && encoding === undefined;
}
