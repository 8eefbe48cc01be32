import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { isPrivate } from '../api/private-address.ts';
import type { ProblemCode } from '../problems.ts';
import { fail, ok, type Result } from './check.ts';
import type { World } from './world.ts';

/** For one step of a connection. */
const MOST_MS = 2500;

/** Whose connection it is, in the words of its problems. */
export type Side = 'api' | 'backend';

interface Codes {
  readonly name: ProblemCode;
  readonly connection: ProblemCode;
  readonly tls: ProblemCode;
}

const CODES: Readonly<Record<Side, Codes>> = {
  api: { name: 'api-name-unknown', connection: 'api-unreachable', tls: 'api-tls' },
  backend: { name: 'backend-name-unknown', connection: 'backend-unreachable', tls: 'backend-tls' },
};

export async function checkName(side: Side, url: URL, lookup: World['lookup']): Promise<Result> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return ok(`${host} is an address`);
  try {
    return ok(`${host} is ${await lookup(host)}`);
  } catch (error) {
    return fail(CODES[side].name, `${host}: ${reasonOf(error)}`);
  }
}

/** The same for the API, which the key must not reach in a private network unless that is allowed. */
export async function checkApiName(
  url: URL,
  lookup: World['lookup'],
  { allowPrivateAddress }: { readonly allowPrivateAddress: boolean },
): Promise<Result> {
  const host = hostOf(url);
  let address: string | undefined;
  const result = await checkName('api', url, async name => {
    address = await lookup(name);
    return address;
  });
  if (result.mark !== 'ok' || allowPrivateAddress || !isPrivate(host, address ?? host)) return result;
  return fail('api-address-private', address === undefined ? host : `${host} is ${address}`);
}

export async function checkConnection(side: Side, url: URL, signal: AbortSignal): Promise<Result> {
  try {
    const socket = connect({ host: hostOf(url), port: portOf(url) });
    await opened(socket, 'connect', signal);
    return ok(`${hostOf(url)}:${portOf(url)}`);
  } catch (error) {
    return fail(CODES[side].connection, `${hostOf(url)}:${portOf(url)}: ${reasonOf(error)}`);
  }
}

export async function checkTls(
  side: Side,
  url: URL,
  files: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>,
  signal: AbortSignal,
): Promise<Result> {
  if (url.protocol === 'http:') return ok('plain HTTP');
  const host = hostOf(url);
  try {
    const socket = connectTls({
      host,
      port: portOf(url),
      rejectUnauthorized: true,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...files,
    });
    const until = await opened(socket, 'secureConnect', signal, ({ valid_to }) => valid_to);
    return ok(`certificate valid until ${new Date(until ?? 0).toISOString().slice(0, 10)}`);
  } catch (error) {
    return fail(CODES[side].tls, `${host}:${portOf(url)}: ${reasonOf(error)}`);
  }
}

/** Waits until it stands, takes what is wanted of its certificate, and closes it. */
async function opened(
  socket: Socket | TLSSocket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  take?: (certificate: { readonly valid_to: string }) => string,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.setTimeout(MOST_MS, () => reject(new Error(`no answer within ${MOST_MS / 1000} s`)));
  socket.once(event, resolve);
  socket.on('error', reject);
  try {
    await promise;
    return 'getPeerCertificate' in socket ? take?.(socket.getPeerCertificate()) : undefined;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** OpenSSL's texts carry thread ids and source files; an AggregateError has no text of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  const text = error instanceof Error ? error.message : String(error);
  return /^[0-9A-F]{8,}:error:[^:]*:[^:]*:[^:]*:([^:]*)/.exec(text)?.[1] ?? text;
}
