import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import type { ReceivedRecord } from '../support/otlp-records.ts';
import { until } from '../support/process.ts';
import { received, repeated, stage, unique } from './stage.ts';

const DAY_MS = 86_400_000;
/** One attempt of live events and one of all others can be without an outcome when the process dies. */
const ONE_CRASH = 2 * 100;

const history = (days: number) => ({ kind: 'story', seed: 'e2e', historyMs: days * DAY_MS }) as const;
const ended = { code: 0, signal: null };

/** A repetition is equal to the first in all but the request it came in. */
function expectRepetitionsEqual(records: readonly ReceivedRecord[]): void {
  for (const [uid, same] of Map.groupBy(records, record => record.uid)) {
    for (const repetition of same.slice(1)) expect(repetition, uid).toEqual(same[0]);
  }
}

describe('the collector', () => {
  it('delivers every event of both streams once, and ends by itself with --once', async () => {
    const { run, backend, listed } = await stage({ content: history(10) });
    const program = await run(['--once']);
    expect(await program.exited, program.stderr()).toEqual(ended);
    expect(received(backend).toSorted()).toEqual(listed());
    const again = await run(['--once']);
    expect(await again.exited, again.stderr()).toEqual(ended);
    expect(repeated(received(backend))).toBe(0);
  });

  it('delivers what happens while it runs, and stops in order on SIGTERM', async () => {
    const { run, backend, emulator, listed } = await stage({ content: history(2) });
    const program = await run();
    await until('the history', () => unique(received(backend)).length === listed().length);
    emulator.organization.storm({ count: 250, tenantShare: 0.3 });
    await until('the new events', () => unique(received(backend)).length === listed().length);
    expect(await program.end('SIGTERM', 5_000), program.stderr()).toEqual(ended);
    expect(program.stderr()).toContain('"message":"stopped"');
    expect(received(backend).toSorted()).toEqual(listed());
  });

  it('stops within the export timeout while the backend does not answer, and delivers at the next start', async () => {
    const { run, backend, listed } = await stage({ content: history(2) });
    backend.answer({ how: 'hang' });
    const program = await run();
    await until('an export', () => backend.requests.length > 0);
    expect(await program.end('SIGTERM', 8_000), program.stderr()).toEqual(ended);
    const hanging = backend.requests.length;
    backend.answer({});
    const next = await run(['--once']);
    expect(await next.exited, next.stderr()).toEqual(ended);
    const acknowledged = received({ ...backend, requests: backend.requests.slice(hanging) });
    expect(acknowledged.toSorted()).toEqual(listed());
  });

  it('loses nothing when it is killed in the middle of a backfill, and doubles a batch at most', async () => {
    const { run, backend, listed } = await stage({ content: history(28), settings: { latencyMs: 5 } });
    const kills = [0.2, 0.5, 0.8];
    for (const share of kills) {
      const program = await run();
      await until('some of the history', () => unique(received(backend)).length >= listed().length * share);
      expect(await program.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
      expect(unique(received(backend)).length).toBeLessThan(listed().length);
    }
    const last = await run(['--once']);
    expect(await last.exited, last.stderr()).toEqual(ended);
    expect(unique(received(backend))).toEqual(listed());
    expect(repeated(received(backend))).toBeLessThanOrEqual(kills.length * ONE_CRASH);
    expectRepetitionsEqual(backend.requests.flatMap(request => request.records));
  });

  it('waits for a backend that is down, says so, and goes on', async () => {
    const { run, backend, backendAgain, listed } = await stage({ content: history(2) });
    await backend.close();
    const program = await run();
    await program.line(/the backend did not take a batch.*connection refused/);
    const revived = await backendAgain();
    await until('everything', () => unique(received(revived)).length === listed().length);
    await program.end();
    expect(received(revived).toSorted()).toEqual(listed());
  });

  it('ends with --once when the backend wants a person, and the next run delivers all', async () => {
    const { run, backend, listed } = await stage({ content: history(2) });
    backend.answer({ status: 401, body: 'no token' });
    const refused = await run(['--once']);
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.stderr()).toMatch(/401.*\n.*Nothing is lost: run again/);
    backend.answer({});
    const next = await run(['--once']);
    expect(await next.exited, next.stderr()).toEqual(ended);
    expect(unique(received(backend))).toEqual(listed());
  });

  it('ends with --once when the answers of the API have no Date, and says what that means', async () => {
    const { run, emulator } = await stage({ content: history(2) });
    emulator.addFaults([{ kind: 'headers', headers: { date: null }, times: 1_000 }]);
    const refused = await run(['--once']);
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.stderr()).toMatch(/have no Date.*api-no-date/s);
  });

  it('holds while its key is revoked, says what to do, and goes on when it is restored', async () => {
    const { run, backend, emulator, listed } = await stage({ content: history(2) });
    const program = await run(['--once'], { OPENAI_ADMIN_KEY: 'sk-admin-mistyped' });
    expect(await program.exited).toEqual({ code: 12, signal: null });
    expect(program.stderr()).toMatch(/the API refuses the key: set admin_key/);
    expect(program.stderr()).not.toContain('mistyped');

    emulator.keys.revoke(DEMO_KEY);
    const held = await run();
    await held.line(/on hold until a person acts.*the API refuses the key/);
    expect(received(backend)).toEqual([]);
    await held.end();
    emulator.keys.set(DEMO_KEY, 'all');
    const restored = await run(['--once']);
    expect(await restored.exited, restored.stderr()).toEqual(ended);
    expect(received(backend).toSorted()).toEqual(listed());
  });

  it('refuses a second process on the same state', async () => {
    const { run } = await stage({ content: history(1) });
    const first = await run();
    await first.line(/started/);
    const second = await run();
    expect(await second.exited).toEqual({ code: 11, signal: null });
    expect(second.stderr()).toContain('state.db');
    await first.end('SIGKILL');
    const third = await run(['--once']);
    expect(await third.exited, third.stderr()).toEqual(ended);
  });

  it('refuses to go on with a key that shows another organization', async () => {
    const acme = await stage({ content: history(2) });
    const first = await acme.run(['--once']);
    expect(await first.exited, first.stderr()).toEqual(ended);
    const other = await stage({ content: { kind: 'story', seed: 'another', historyMs: 2 * DAY_MS } });
    const foreign = await acme.run(['--once'], { OPENAI_BASE_URL: other.api });
    expect(await foreign.exited).toEqual({ code: 1, signal: null });
    expect(foreign.stderr()).toContain('shows another organization');
    expect(received(acme.backend).toSorted()).toEqual(acme.listed());
  });

  it('says what to do when the state cannot be written', async () => {
    const { run, directory } = await stage({ content: history(1) });
    await mkdir(join(directory, 'state.db'));
    await chmod(join(directory, 'state.db'), 0o500);
    const program = await run();
    expect(await program.exited).toEqual({ code: 2, signal: null });
    expect(program.stderr()).toMatch(/storage\.path.*state\.db/);
  });
});
