import { describe, expect, it } from 'vitest';
import type { ReceivedRecord } from '../support/otlp-records.ts';
import type { OtlpServer } from '../support/otlp-server.ts';
import { until } from '../support/process.ts';
import { received, repeated, said, stage, unique } from './stage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const content = { kind: 'story', seed: 'replay', historyMs: 2 * DAY_MS } as const;
const ended = { code: 0, signal: null };
const failed = { code: 1, signal: null };

/** From now on the backend refuses these records, as long as `poison` holds them. */
function refuse(backend: OtlpServer, poison: ReadonlySet<string>): void {
  backend.answerWith(({ records }) =>
    records.some(({ uid }) => poison.has(uid)) ? { status: 400, body: 'line too long' } : {},
  );
}

/** What the backend accepted: a refused batch is none. */
function accepted(backend: OtlpServer, poison: ReadonlySet<string>): readonly string[] {
  const requests = backend.requests.filter(({ records }) => !records.some(({ uid }) => poison.has(uid)));
  return received({ ...backend, requests });
}

async function poisoned() {
  const opened = await stage({ content });
  const poison = new Set([...opened.emulator.organization.listed('organization')].slice(10, 13).map(({ id }) => id));
  refuse(opened.backend, poison);
  const first = await opened.run(['--once']);
  expect(await first.exited, first.stderr()).toEqual(ended);
  expect(unique([...accepted(opened.backend, poison), ...poison])).toEqual(opened.listed());
  return { ...opened, poison };
}

describe('replay', () => {
  it('lists what is parked, which was said as a record, and sends it again once it is accepted', async () => {
    const { backend, command, poison } = await poisoned();
    const parked = said(backend).filter(({ eventName }) => eventName === 'openai.collector.parked');
    expect(unique(parked.map(({ attributes }) => String(attributes['openai.collector.event.uid'])))).toEqual(
      [...poison].toSorted(),
    );
    expect(parked[0]?.severityNumber).toBe(13);
    expect(parked[0]?.attributes['openai.collector.message']).toContain('line too long');

    const list = await command('replay');
    expect(await list.exited).toEqual(ended);
    expect(list.stdout().split('\n')).toHaveLength(poison.size + 2);
    for (const uid of poison)
      expect(list.stdout()).toMatch(new RegExp(`^acme +${uid} .* refused  .*line too long`, 'm'));

    const [one = ''] = poison;
    const beforeOne = backend.requests.length;
    const refused = await command('replay', ['--uid', one, '--uid', 'nobody']);
    expect(await refused.exited, refused.stderr()).toEqual(failed);
    expect(refused.stdout()).toContain(`acme: still parked: ${one}`);
    expect(refused.stdout()).toContain('acme: not parked: nobody');
    expect(unique(received({ ...backend, requests: backend.requests.slice(beforeOne) }))).toEqual([one]);

    const before = backend.requests.length;
    backend.answer({});
    const replayed = await command('replay', ['--reason', 'refused']);
    expect(await replayed.exited, replayed.stderr()).toEqual(ended);
    expect(replayed.stdout()).toContain(`acme: ${poison.size} of ${poison.size} parked records delivered`);
    const sent = received({ ...backend, requests: backend.requests.slice(before) });
    expect(sent.toSorted()).toEqual([...poison].toSorted());
    const nothing = await command('replay');
    await nothing.exited;
    expect(nothing.stdout()).toBe('nothing is parked\n');
  });

  it('loses nothing when it is killed before the backend has answered', async () => {
    const { backend, command, run, poison } = await poisoned();
    backend.answerWith(({ records }) => (records.some(({ uid }) => poison.has(uid)) ? { how: 'hang' } : {}));
    const before = backend.requests.length;
    const replaying = await command('replay', ['--all']);
    await until('the attempt', () =>
      backend.requests.slice(before).some(({ records }) => records.some(({ uid }) => poison.has(uid))),
    );
    await replaying.end('SIGKILL');
    const killed = backend.requests.length;
    backend.answer({});
    const next = await run(['--once']);
    expect(await next.exited, next.stderr()).toEqual(ended);
    const sent = received({ ...backend, requests: backend.requests.slice(killed) });
    expect(sent.toSorted()).toEqual([...poison].toSorted());
    const ways = backend.requests
      .slice(killed)
      .flatMap(({ records }) => records.map(({ resource }) => resource['service.instance.id']));
    expect(ways).toContain('acme/organization/replay/1');
  });

  it('does the same for the inventory', async () => {
    const { backend, run, command } = await stage({
      content: { ...content, historyMs: HOUR_MS, size: { projects: 2, users: 3, groups: 1 } },
      auditLogs: { enabled: false },
      inventory: { enabled: true },
    });
    const isGroup = ({ attributes }: ReceivedRecord) => attributes['entity.type'] === 'openai.group';
    backend.answerWith(({ records }) => (records.some(isGroup) ? { status: 400, body: 'line too long' } : {}));
    const first = await run(['--once']);
    expect(await first.exited, first.stderr()).toEqual(ended);
    const uids = unique(backend.requests.flatMap(({ records }) => records.filter(isGroup).map(({ uid }) => uid)));
    const parked = said(backend).map(({ attributes }) => attributes);
    expect(parked.map(attributes => attributes['openai.collector.event.uid']).toSorted()).toEqual(uids);
    expect(parked[0]).toMatchObject({
      'event.name': 'openai.collector.parked',
      'openai.collector.stream': 'inventory',
      'openai.collector.event.type': 'entity.state',
      'openai.collector.reason': 'refused',
    });

    const list = await command('replay');
    expect(await list.exited).toEqual(ended);
    expect(list.stdout().split('\n')).toHaveLength(uids.length + 2);
    for (const uid of uids) expect(list.stdout()).toMatch(new RegExp(`^acme +${uid} +entity.state .* refused  `, 'm'));

    backend.answer({});
    const before = backend.requests.length;
    const running = await run();
    await running.line(/started/);
    const replayed = await command('replay', ['--all']);
    expect(await replayed.exited, replayed.stderr()).toEqual(ended);
    expect(replayed.stdout()).toContain(`acme: ${uids.length} of ${uids.length} parked records delivered`);
    const again = backend.requests.slice(before).flatMap(({ records }) => records.filter(isGroup));
    expect(again.map(({ uid }) => uid).toSorted()).toEqual(uids);
    expect(await running.end()).toEqual(ended);
  });

  it('has a running collector do it, and answers for it', async () => {
    const { backend, command, run, poison } = await poisoned();
    backend.answer({});
    const program = await run();
    await program.line(/started/);
    const before = received(backend).length;
    const replayed = await command('replay', ['--all']);
    expect(await replayed.exited, replayed.stderr()).toEqual(ended);
    expect(replayed.stdout()).toContain(`acme: ${poison.size} of ${poison.size} parked records delivered`);
    expect(received(backend).slice(before).toSorted()).toEqual([...poison].toSorted());
    expect(repeated(received(backend).slice(before))).toBe(0);
    expect(await program.end()).toEqual(ended);
  });
});
