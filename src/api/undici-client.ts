import { Agent, request as undiciRequest } from 'undici';
import { CollectorError } from '../errors.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';

/** The HTTP client of the real world: pooled connections, one deadline for the whole answer, a cap on its size. */
export function createUndiciClient(): HttpClient {
  const agent = new Agent({ connections: 8, pipelining: 1, connect: { timeout: 10_000 } });
  return {
    get: request => get(agent, request),
    close: () => agent.close(),
  };
}

async function get(agent: Agent, { url, headers, timeoutMs, maxBytes, signal }: HttpRequest): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await undiciRequest(url, {
      dispatcher: agent,
      headers,
      signal: AbortSignal.any([signal, deadline]),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    return {
      status: answer.statusCode,
      headers: lowerCase(answer.headers),
      body: await readCapped(answer.body, maxBytes),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CollectorError) throw error;
    if (deadline.aborted) {
      throw new CollectorError('retryable', `no complete answer within ${timeoutMs / 1000} s`, { cause: error });
    }
    throw new CollectorError('retryable', describe(error), { cause: error });
  }
}

async function readCapped(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop destroys the body and its connection: nothing of it reaches the next request.
    if (bytes > maxBytes) {
      throw new CollectorError('malformed', `the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function lowerCase(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return code === undefined || cause.message.includes(code) ? cause.message : `${cause.message} (${code})`;
}
