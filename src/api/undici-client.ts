import { lookup as lookupInSystem } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request as undiciRequest } from 'undici';
import { CollectorError, type ProblemCode } from '../errors.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';
import { publicOnly, refusePrivateUrl } from './private-address.ts';

/** The HTTP client of the real world: pooled connections, one deadline for the whole answer, a cap on its size. `lookup` finds addresses. */
export function createUndiciClient(lookup: LookupFunction = lookupInSystem): HttpClient {
  const options = { connections: 8, pipelining: 1 };
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off where nothing is said.
  const connect = { timeout: 10_000, rejectUnauthorized: true };
  const anywhere = new Agent({ ...options, connect: { ...connect, lookup } });
  const guarded = new Agent({ ...options, connect: { ...connect, lookup: publicOnly(lookup) } });
  return {
    async get(request) {
      if (request.allowPrivateAddress === true) return get(anywhere, request);
      refusePrivateUrl(request.url);
      return get(guarded, request);
    },
    async close() {
      await Promise.all([anywhere.close(), guarded.close()]);
    },
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
    const known = error instanceof Error && error.cause instanceof CollectorError ? error.cause : error;
    if (known instanceof CollectorError) throw known;
    if (deadline.aborted) {
      const message = `${hostOf(url)} gave no complete answer within ${timeoutMs / 1000} s`;
      throw new CollectorError('retryable', message, { code: 'api-unreachable', cause: error });
    }
    throw new CollectorError('retryable', explain(error, hostOf(url)), { code: codeOf(error), cause: error });
  }
}

async function readCapped(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    // Leaving the loop destroys the body and its connection: nothing of it reaches the next request.
    if (bytes > maxBytes) {
      throw new CollectorError('malformed', `the answer is larger than ${maxBytes} bytes`, { code: 'api-malformed' });
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

function codeOf(error: unknown): ProblemCode {
  const { code } = innermost(error);
  if (/^(ENOTFOUND|EAI_.*)$/.test(code)) return 'api-name-unknown';
  return /CERT|SELF_SIGNED|UNABLE_TO|SSL|TLS/.test(code) ? 'api-tls' : 'api-unreachable';
}

/** What is wrong in words, and what to do. The same failure has the same text, so that it is said once. */
function explain(error: unknown, host: string): string {
  const { code, text } = innermost(error);
  const known = KNOWN.find(each => each.code.test(code));
  if (known !== undefined) return known.message(host);
  return unreachable(text.includes(code) ? text : `${text} (${code})`)(host);
}

/** The code, or else the name, which is all that a parser's error has. An AggregateError has no text of its own. */
function innermost(error: unknown): { readonly code: string; readonly text: string } {
  if (!(error instanceof Error)) return { code: '', text: String(error) };
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return { code, text: cause.message || code };
}

const unreachable =
  (words: string, advice = 'check base_url and the network') =>
  (host: string) =>
    `${host} cannot be reached (${words}): ${advice}`;

const KNOWN: readonly { readonly code: RegExp; readonly message: (host: string) => string }[] = [
  { code: /^ECONNREFUSED$/, message: unreachable('connection refused') },
  { code: /^ENOTFOUND$/, message: unreachable('its name is not known') },
  {
    code: /^EAI_/,
    message: unreachable('its name cannot be looked up', 'check the network and its name service (DNS)'),
  },
  { code: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, message: unreachable('no route to it') },
  {
    code: /^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/,
    message: unreachable('no connection in time', 'check base_url, the network and firewalls'),
  },
  {
    code: /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ECONNRESET|ECONNABORTED|EPIPE)$/,
    message: host => `${host} closed the connection before its answer was complete: if this lasts, check the network`,
  },
  {
    code: /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/,
    message: host => `${host} gave no complete answer in time: if this lasts, check the network`,
  },
  { code: /^(HPE_.*|HTTPParserError)$/, message: host => `${host} does not answer in HTTP: check base_url` },
  {
    code: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    message: unreachable('there is no TLS', 'check base_url (http:// or https://)'),
  },
  {
    code: /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    message: unreachable(
      'its certificate is not signed by a known CA',
      "check base_url; behind a proxy that opens TLS, name its CA's file in NODE_EXTRA_CA_CERTS",
    ),
  },
];

/** With its port where that is not the usual one; never what else is in the URL. */
function hostOf(url: string): string {
  return new URL(url).host;
}
