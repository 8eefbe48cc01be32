import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Attempt } from '../../src/exporter/attempt.ts';

test('allows no request once it has ended', async () => {
  const attempt = new Attempt(new Set());
  expect(() => attempt.allowRequest()).not.toThrow();

  attempt.end({ kind: 'aborted' });

  expect(() => attempt.allowRequest()).toThrow('this attempt is over');
});

test('allows no second request', async () => {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const attempt = new Attempt(new Set(['host']));

  const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
  attempt.watch(sent);
  sent.end('x');

  expect(() => attempt.allowRequest()).toThrow('this attempt is over');
  expect(await attempt.ending).toMatchObject({
    kind: 'answered',
    answer: { status: 200, complete: true, early: false },
  });
  server.close();
});

test('the first ending counts', async () => {
  const attempt = new Attempt(new Set());
  attempt.end({ kind: 'timed_out', reached: 'nothing' });
  attempt.end({ kind: 'aborted' });

  expect(await attempt.ending).toEqual({ kind: 'timed_out', reached: 'nothing' });
});
