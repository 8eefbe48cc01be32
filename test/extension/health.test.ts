import { describe, expect, it } from 'vitest';
import { healthPages } from '../../src/extension/health.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { status } from './shown-status.ts';

async function asked(path: string, change: Partial<Status>) {
  const pages = healthPages({ status: async () => ({ ...status, ...change }) });
  const page = await pages[path]?.({ query: new URLSearchParams(), isLocal: true });
  return [page?.status, page?.body];
}

const act = { severity: 'act', message: 'the key is refused' } as const;
const wait = { severity: 'wait', message: 'the backend is away' } as const;

describe('readiness', () => {
  it('is there when no person needs to act, whatever else is slow', async () => {
    expect(await asked('/readyz', { ready: true, problems: [wait] })).toEqual([200, 'ready\n']);
  });

  it('is not there while one needs to, and says what for', async () => {
    expect(await asked('/readyz', { ready: false, problems: [act, wait] })).toEqual([503, 'the key is refused\n']);
  });

  it('is not there before everything is open', async () => {
    expect(await asked('/readyz', { ready: false, problems: [] })).toEqual([503, 'starting\n']);
  });
});

it('liveness is another thing: no key and no backend is mended by a new start', async () => {
  expect(await asked('/healthz', { ready: false, problems: [act] })).toEqual([200, 'alive\n']);
});
