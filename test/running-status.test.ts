import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Config } from '../src/config/config.ts';
import { Works } from '../src/progress/works.ts';
import { followRunning, statusOfRunning } from '../src/running-status.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { until } from './support/process.ts';

const verify = { kind: 'verify', stream: 'tenant', unit: 'seconds', total: 100, startedAtMs: 0 };

/** A collector that tells of this work. */
async function running(works: object[]) {
  const path = '/var/lib/state.db';
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ storage: { path }, organizations: [{ name: 'acme', works }] })),
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const config = (storage: string) =>
    ({ health: { endpoint: { host: '127.0.0.1', port } }, storage: { path: storage } }) as Config;
  return { config: config(path), another: config('/var/lib/other.db') };
}

it('shows the work of the collector that runs as its own: one kind of it, as long as it is told of', async () => {
  const told: object[] = [{ ...verify, kind: 'history', done: 1 }];
  const { config } = await running(told);
  const clock = createFakeClock();
  const works = new Works(clock);
  const ended = new AbortController();
  const following = followRunning(config, 'verify', { progress: works, clock }, ended.signal);
  const shown = async (what: string, isSo: () => boolean) =>
    until(what, async () => {
      await clock.advance(1_000);
      return isSo();
    });
  told.push({ ...verify, done: 40, endsAtMs: clock.nowMs() + 3_600_000 });
  await shown('the work', () => works.underWay().length === 1);
  expect(works.underWay()[0]).toMatchObject({ kind: 'verify', organization: 'acme', stream: 'tenant', done: 40 });
  expect(works.underWay()[0]?.leftMs).toBeGreaterThan(3_000_000);
  told.splice(0);
  await shown('its end', () => works.underWay().length === 0);
  ended.abort();
  await following;
});

it('takes no collector of another state for the one that is meant', async () => {
  const { config, another } = await running([]);
  const { signal } = new AbortController();
  expect(await statusOfRunning(config, signal)).toBeDefined();
  expect(await statusOfRunning(another, signal)).toBeUndefined();
});
