import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createUndiciClient } from '../../src/api/undici-client.ts';

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve))));
});

/** A server that does this with each connection once something came. Its host, with port. */
async function listen(onData: (socket: Socket) => void): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.once('data', () => onData(socket));
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `127.0.0.1:${address.port}`;
}

async function failure(url: string, timeoutMs = 10_000): Promise<unknown> {
  const client = createUndiciClient();
  const signal = new AbortController().signal;
  try {
    return await client.get({ url, headers: {}, timeoutMs, maxBytes: 1_000, signal }).then(
      () => 'an answer',
      error => ({ kind: error.kind, message: error.message }),
    );
  } finally {
    await client.close();
  }
}

test('a port where nothing listens is said in words, without path and query', async () => {
  const host = await listen(() => {});
  await new Promise(resolve => servers.pop()?.close(resolve));

  expect(await failure(`http://${host}/v1/organization/audit_logs?after=x`)).toEqual({
    kind: 'retryable',
    message: `${host} cannot be reached (connection refused): check base_url and the network`,
  });
});

test('a name that does not resolve is said in words', async () => {
  expect(await failure('http://no-such-host.invalid/v1')).toEqual({
    kind: 'retryable',
    // Without any network even "not known" cannot be known.
    message: expect.stringMatching(
      /^no-such-host\.invalid cannot be reached \(its name (is not known|cannot be looked up)\): check /,
    ),
  });
});

test.each<[string, (socket: Socket) => void]>([
  ['closed', socket => socket.end()],
  ['reset', socket => socket.resetAndDestroy()],
  ['closed within an answer', socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{')],
])('a connection that is %s is said in words', async (_name, onData) => {
  const host = await listen(onData);

  expect(await failure(`http://${host}/v1`)).toEqual({
    kind: 'retryable',
    message: `${host} closed the connection before its answer was complete: if this lasts, check the network`,
  });
});

test('what is no HTTP is said in words', async () => {
  const host = await listen(socket => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));

  expect(await failure(`http://${host}/v1`)).toEqual({
    kind: 'retryable',
    message: `${host} does not answer in HTTP: check base_url`,
  });
});

test('TLS to a plain port is said in words', async () => {
  const host = await listen(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

  expect(await failure(`https://${host}/v1`)).toEqual({
    kind: 'retryable',
    message: `${host} cannot be reached (there is no TLS): check base_url (http:// or https://)`,
  });
});

test('an answer that does not come names the deadline', async () => {
  const held: Socket[] = [];
  const host = await listen(socket => void held.push(socket));

  expect(await failure(`http://${host}/v1`, 50)).toEqual({
    kind: 'retryable',
    message: `${host} gave no complete answer within 0.05 s`,
  });
  for (const socket of held) socket.destroy();
});
