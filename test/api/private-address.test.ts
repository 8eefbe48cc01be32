import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isPrivate } from '../../src/api/private-address.ts';
import { createUndiciClient } from '../../src/api/undici-client.ts';

test.each([
  ['api.example.com', '10.1.2.3'],
  ['api.example.com', '172.31.255.255'],
  ['api.example.com', '192.168.1.1'],
  ['api.example.com', '169.254.169.254'],
  ['api.example.com', '100.64.0.1'],
  ['api.example.com', '127.0.0.1'],
  ['api.example.com', '0.0.0.0'],
  ['api.example.com', '::1'],
  ['api.example.com', 'fd00::1'],
  ['api.example.com', 'fe80::1'],
  ['api.example.com', '::ffff:10.1.2.3'],
  ['localhost', '10.1.2.3'],
  ['localhost.example.com', '127.0.0.1'],
])('%s at %s is in a private network', (host, address) => {
  expect(isPrivate(host, address)).toBe(true);
});

test.each([
  ['api.example.com', '104.18.6.192'],
  ['api.example.com', '172.32.0.1'],
  ['api.example.com', '2606:4700::6812:7c0'],
  ['localhost', '127.0.0.1'],
  ['localhost', '::1'],
  ['api.localhost', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
])('%s at %s is not', (host, address) => {
  expect(isPrivate(host, address)).toBe(false);
});

/** A server of this machine that counts what reaches it, and a client for which every name is this address. */
async function stage(address: string) {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const lookup: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  const client = createUndiciClient(lookup);
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const get = (host: string, allowPrivateAddress: boolean) =>
    client.get({
      url: `http://${host}:${port}/v1`,
      headers: { authorization: 'Bearer sk-admin-secret' },
      timeoutMs: 10_000,
      maxBytes: 1000,
      allowPrivateAddress,
      signal: new AbortController().signal,
    });
  return { seen, get };
}

test('a public name that leads to a private address gets no key, until that is allowed', async () => {
  const { seen, get } = await stage('127.0.0.1');

  await expect(get('api.example.com', false)).rejects.toMatchObject({
    kind: 'misconfigured',
    code: 'api-address-private',
    message: expect.stringContaining('api.example.com leads to 127.0.0.1, which is in a private network'),
  });
  expect(seen).toEqual([]);

  await get('api.example.com', true);
  await get('localhost', false);
  expect(seen).toEqual(['Bearer sk-admin-secret', 'Bearer sk-admin-secret']);
});

test('a private address that stands in the URL itself is refused too', async () => {
  const { get } = await stage('127.0.0.1');

  const refused = { kind: 'misconfigured', code: 'api-address-private' };
  await expect(get('10.255.255.1', false)).rejects.toMatchObject(refused);
  await expect(get('[fd00::1]', false)).rejects.toMatchObject(refused);
});
