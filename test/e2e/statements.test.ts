import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DEMO_KEY } from '../../src/emulator/emulator.ts';
import type { ReceivedRecord } from '../support/otlp-records.ts';
import { until } from '../support/process.ts';
import { said, stage } from './stage.ts';

const DAY_MS = 86_400_000;
const HOUR_S = 3600;
const history = (days: number) => ({ kind: 'story', seed: 'statements', historyMs: days * DAY_MS }) as const;
const ended = { code: 0, signal: null };

const coverage = 'openai.collector.coverage';
const isCoverage = ({ eventName }: ReceivedRecord) => eventName === coverage;
const fact = ({ attributes }: ReceivedRecord, name: string) => attributes[`${coverage}.${name}`];
const secondOf = (value: unknown) => Date.parse(String(value)) / 1000;

/** What was said last of each hour: of a span that was merged, for all of its hours. */
function lastByHour(records: readonly ReceivedRecord[], stream: string): ReadonlyMap<number, ReceivedRecord> {
  const hours = new Map<number, ReceivedRecord>();
  for (const record of records.filter(
    each => isCoverage(each) && each.attributes['openai.collector.stream'] === stream,
  )) {
    const first = Math.floor(secondOf(fact(record, 'from')) / HOUR_S) * HOUR_S;
    for (let hour = first; hour < secondOf(fact(record, 'to')); hour += HOUR_S) hours.set(hour, record);
  }
  return hours;
}

/** As a person would compute it from an export of the backend. */
function digestOf(uids: readonly string[]): string {
  const input = uids.map(uid => `${uid}\n`).join('');
  const sorted = execFileSync('sort', ['-u'], { input, env: { ...process.env, LC_ALL: 'C' } });
  return createHash('sha256').update(sorted).digest('hex');
}

describe('what the collector says of itself', () => {
  it('lets anybody check by the hour what the backend holds', async () => {
    const { run, backend, emulator } = await stage({ content: history(3) });
    const program = await run(['--once']);
    expect(await program.exited, program.stderr()).toEqual(ended);
    const events = backend.requests
      .flatMap(({ records }) => records)
      .filter(({ eventName }) => eventName.startsWith('openai.audit.'));
    for (const stream of ['organization', 'tenant'] as const) {
      const hours = lastByHour(said(backend), stream);
      const full = [...hours].filter(([, record]) => fact(record, 'acknowledged') !== 0);
      expect(full.length).toBeGreaterThan(10);
      const listed = new Set([...emulator.organization.listed(stream)].map(({ id }) => id));
      for (const [hour, record] of hours) {
        if (fact(record, 'acknowledged') === 0) continue;
        const held = events
          .filter(
            ({ uid, timeUnixNano }) =>
              listed.has(uid) && Math.floor(Number(timeUnixNano) / 1e9 / HOUR_S) * HOUR_S === hour,
          )
          .map(({ uid }) => uid);
        expect(fact(record, 'acknowledged')).toBe(held.length);
        expect(fact(record, 'digest')).toBe(digestOf(held));
      }
      const covered = [...hours.values()].map(record => secondOf(fact(record, 'to')));
      expect(Math.max(...covered)).toBeGreaterThan(Date.now() / 1000 - 2 * HOUR_S);
    }
  });

  it('arrives, equal in every byte, when the process is killed between the commit and the acknowledgement', async () => {
    const { run, backend } = await stage({ content: history(2) });
    backend.answerWith(({ records }) => (records.some(isCoverage) ? { how: 'hang' } : {}));
    const program = await run();
    await until('the first of it', () => said(backend).some(isCoverage));
    await program.end('SIGKILL');
    const [before] = backend.requests.flatMap(({ records }) => records.filter(isCoverage));
    const hanging = backend.requests.length;
    backend.answer({});
    const next = await run(['--once']);
    expect(await next.exited, next.stderr()).toEqual(ended);
    const after = backend.requests.slice(hanging).flatMap(({ records }) => records.filter(isCoverage));
    expect(after.find(({ uid }) => uid === before?.uid)).toEqual(before);
    expect(new Set(after.map(({ uid }) => uid)).size).toBe(after.length);
    for (const stream of ['organization', 'tenant']) {
      const hours = lastByHour(after, stream);
      const inOrder = [...hours.keys()].toSorted((a, b) => a - b);
      // No hour of the history is missing, though the process died before it could say what it had committed.
      expect(inOrder).toEqual(inOrder.map((_, i) => (inOrder[0] ?? 0) + i * HOUR_S));
    }
  });

  it('lets a person alert on a key that is refused, with nothing but its logs', async () => {
    const { run, backend, emulator } = await stage({ content: history(1) });
    const states = () =>
      said(backend)
        .filter(({ eventName }) => eventName === 'openai.collector.feed')
        .filter(({ attributes }) => attributes['openai.collector.stream'] === 'organization');
    const last = () => states().at(-1)?.attributes['openai.collector.feed.state'];
    const program = await run();
    await until('it is live', () => last() === 'live');
    emulator.keys.revoke(DEMO_KEY);
    await until('it is refused', () => last() === 'unauthorized');
    expect(states().at(-1)).toMatchObject({ severityNumber: 13, eventName: 'openai.collector.feed' });
    expect(states().at(-1)?.attributes).toMatchObject({
      'openai.collector.feed.previous': 'live',
      'openai.collector.reason': expect.stringContaining('refuses the key'),
    });
    await program.end();
  });
});
