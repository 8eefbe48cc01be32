import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { progressLines, type Shown } from '../../src/progress/line.ts';
import { withProgress } from '../../src/progress/shown.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { screenOf } from '../support/screen.ts';

const verify = { kind: 'verify', organization: 'acme', stream: 'tenant', unit: 'seconds' } as const;

/** A terminal of 80 columns, or a file. */
function stage(bars: boolean) {
  const clock = createFakeClock();
  let written = '';
  const stderr = { write: (text: string) => (written += text), isTTY: bars, columns: 80 };
  const openLog = (output: { write(text: string): unknown }) =>
    createLogger({ level: 'info', format: 'text', clock, write: line => output.write(line) });
  const shown = <T>(work: Parameters<typeof withProgress<T>>[1]) =>
    withProgress({ stderr, clock, bars, openLog }, work);
  return { clock, shown, written: () => written, lines: () => screenOf(written) };
}

describe('progress on a terminal', () => {
  it('is a bar below the log while something takes long, and is gone afterwards', async () => {
    const { clock, shown, lines } = stage(true);
    await shown(async ({ log, progress }) => {
      const task = progress.begin(verify);
      task.reached({ done: 0, total: 100 });
      await clock.advance(500);
      expect(lines()).toEqual(['']);
      await clock.advance(9_500);
      task.reached({ done: 25, total: 100 });
      await clock.advance(1_000);
      expect(lines()).toEqual([
        expect.stringMatching(/^verify acme\/tenant {2}█+░+ {3}25 % {2}25 s of 1 min 40 s {2}33 s left$/),
      ]);
      log.info('said');
      const other = progress.begin({ kind: 'inventory', organization: 'acme', unit: 'requests' });
      other.reached({ done: 1, total: 1_200 });
      await clock.advance(2_000);
      expect(lines()).toEqual([
        expect.stringMatching(/ INFO {2}said$/),
        expect.stringContaining('verify acme/tenant'),
        expect.stringContaining('inventory acme'),
      ]);
      other.end();
      await clock.advance(1_000);
      expect(lines()).toHaveLength(2);
    });
    expect(lines()).toEqual([expect.stringMatching(/ INFO {2}said$/), '']);
  });

  it('leaves room for the ^C that a terminal shows', async () => {
    const { clock, shown, lines } = stage(true);
    await shown(async ({ progress }) => {
      progress.begin({ ...verify, organization: 'a'.repeat(25) }).reached({ done: 20_000, total: 3_000_000 });
      await clock.advance(10_000);
      expect(lines()[0]?.length).toBe(77);
    });
  });

  it('is not left standing when the work fails', async () => {
    const { clock, shown, lines } = stage(true);
    const failing = shown(async ({ progress }) => {
      progress.begin(verify).reached({ done: 1, total: 2 });
      await clock.advance(2_000);
      expect(lines()).not.toEqual(['']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(lines()).toEqual(['']);
  });
});

describe('progress elsewhere', () => {
  it('is a line of the log a minute, with what is known besides', async () => {
    const { clock, shown, written } = stage(false);
    await shown(async ({ progress }) => {
      const task = progress.begin({ ...verify, kind: 'history' });
      for (let minute = 0; minute < 3; minute++) {
        task.reached({ done: 100 * minute, total: 400, facts: { events: minute } });
        await clock.advance(60_000);
      }
      task.end();
      await clock.advance(120_000);
    });
    const said = written().trimEnd().split('\n');
    expect(said).toHaveLength(3);
    expect(said[2]).toContain(
      'filling history organization=acme stream=tenant percent=50 done="3 min 20 s of 6 min 40 s" left_s=180 events=2',
    );
  });

  it('says nothing of what is over within a minute', async () => {
    const { clock, shown, written } = stage(false);
    await shown(async ({ progress }) => {
      const task = progress.begin(verify);
      task.reached({ done: 1, total: 2 });
      await clock.advance(59_000);
      task.end();
      await clock.advance(60_000);
    });
    expect(written()).toBe('');
  });
});

describe('a line of progress', () => {
  const line = (work: Shown, columns: number) => progressLines([work], columns)[0] ?? '';
  const half: Shown = { ...verify, done: 5, total: 10, leftMs: 90_000 };

  it.each([200, 80, 60, 40, 20, 5])('fits into %d columns', columns => {
    expect(line(half, columns).length).toBeLessThanOrEqual(columns);
  });

  it('stands below the one before, and leaves out the amount where that finds no room', () => {
    expect(progressLines([half, { ...half, organization: 'a' }], 66)).toEqual([
      'verify acme/tenant  ████░░░░░   50 %  5 s of 10 s  1 min 30 s left',
      'verify a/tenant     ████░░░░░   50 %  5 s of 10 s  1 min 30 s left',
    ]);
    expect(progressLines([half], 50)).toEqual(['verify acme/tenant  ███░░░   50 %  1 min 30 s left']);
  });

  it('says 100 % only when all is done, and 0 before anything is known', () => {
    expect(line({ ...half, done: 9_999, total: 10_000 }, 80)).toContain(' 99 %');
    expect(line({ ...half, done: 10 }, 80)).toContain('100 %');
    expect(line({ ...half, done: 0, total: 0 }, 80)).toContain('  0 %');
  });

  it('lets no escape of a name reach the terminal', () => {
    expect(line({ ...half, organization: '\u001b[2Jacme' }, 80)).not.toMatch(/\p{Cc}/u);
  });
});
