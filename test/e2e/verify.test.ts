import { describe, expect, it } from 'vitest';
import { until } from '../support/process.ts';
import { received, repeated, said, stage, unique } from './stage.ts';

const DAY_MS = 86_400_000;
const content = { kind: 'story', seed: 'verify', historyMs: 4 * DAY_MS } as const;
const ended = { code: 0, signal: null };
/** Nothing but `verify` finds what appears late. */
const auditLogs = { reverify: [] };

const agoS = (days: number) => Math.floor((Date.now() - days * DAY_MS) / 1000);

describe('verify', () => {
  it('finds nothing to say when all was delivered', async () => {
    const { run, command, backend } = await stage({ content, auditLogs });
    await (await run(['--once'])).exited;
    const events = received(backend).length;
    const verified = await command('verify', ['--from', '3d']);
    expect(await verified.exited, verified.stderr()).toEqual(ended);
    expect(verified.stdout()).toMatch(
      /acme\/organization: .* (\d+) listed, \1 known, 0 missing \(0 of them late\), 0 newly/,
    );
    expect(verified.stdout()).toMatch(/acme\/tenant: .* (\d+) listed, \1 known, 0 missing/);
    expect(received(backend)).toHaveLength(events);
  });

  it('is not done when it is stopped, no more than what ran once before it', async () => {
    const { run, command, emulator, backend } = await stage({ content, auditLogs });
    emulator.configure({ latencyMs: 1_000 });
    const collector = await run(['--once']);
    await until('a request', () => backend.requests.length > 0);
    expect(await collector.end('SIGTERM'), collector.stderr()).toEqual({ code: 1, signal: null });
    expect(collector.stderr()).toContain('run: stopped before it was done.');
    const verified = await command('verify', ['--from', '3d']);
    await verified.line(/started/);
    expect(await verified.end('SIGINT'), verified.stderr()).toEqual({ code: 1, signal: null });
    expect(verified.stderr()).toContain('verify: stopped before it was done.');
  });

  it('says what is missing, late and withdrawn, and delivers it', async () => {
    const { run, command, backend, emulator, listed } = await stage({ content, auditLogs });
    await (await run(['--once'])).exited;
    const [gone = ''] = [...emulator.organization.listed('organization')]
      .filter(({ effectiveAt }) => effectiveAt < agoS(1) && effectiveAt > agoS(2))
      .map(({ id }) => id);
    emulator.organization.vanish([gone]);
    const planted = emulator.organization.storm({ count: 7, fromS: agoS(2), toS: agoS(1) });
    const verified = await command('verify', ['--from', '3d', '--to', '12h', '--stream', 'organization']);
    expect(await verified.exited, verified.stderr()).toEqual({ code: 1, signal: null });
    expect(verified.stdout()).toMatch(/ 7 missing \(7 of them late\), 1 newly withdrawn/);
    expect(verified.stdout()).not.toContain('tenant');
    expect(unique(received(backend))).toEqual([...listed(), gone].toSorted());
    expect(repeated(received(backend))).toBe(0);
    const late = said(backend).filter(({ eventName }) => eventName === 'openai.collector.late');
    expect(late.map(({ attributes }) => attributes['openai.collector.event.uid']).toSorted()).toEqual(
      planted.toSorted(),
    );
    const withdrawn = said(backend).map(({ attributes }) => attributes['openai.collector.coverage.withdrawn']);
    expect(withdrawn).toContain(1);

    const again = await command('verify', ['--from', '3d', '--to', '12h']);
    expect(await again.exited, again.stderr()).toEqual(ended);
    expect(again.stdout()).toContain(' 0 missing (0 of them late), 0 newly withdrawn');
  });

  it('has a running collector do it, and answers for it', async () => {
    const { run, command, backend, emulator, listed } = await stage({ content, auditLogs });
    const program = await run();
    await until('the history', () => unique(received(backend)).length === listed().length);
    emulator.organization.storm({ count: 3, fromS: agoS(2), toS: agoS(1) });
    const verified = await command('verify', ['--from', '3d', '--to', '12h']);
    expect(await verified.exited, verified.stderr()).toEqual({ code: 1, signal: null });
    expect(verified.stdout()).toMatch(/acme\/organization: .* 3 missing/);
    expect(unique(received(backend))).toEqual(listed());
    expect(program.stderr()).toContain('carried out a request');
    expect(await program.end()).toEqual(ended);
  });
});
