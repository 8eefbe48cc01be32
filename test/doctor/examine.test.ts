import { describe, expect, it } from 'vitest';
import { type Check, fail, ok, warn } from '../../src/doctor/check.ts';
import { examine } from '../../src/doctor/examine.ts';
import { CollectorError } from '../../src/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const check = (id: string, run: Check['run'], needs: readonly string[] = []): Check => ({
  group: 'Group',
  id,
  claim: `${id} works`,
  needs,
  run,
});

async function results(checks: readonly Check[]) {
  const findings = await examine(checks, createFakeClock(), new AbortController().signal);
  return findings.map(({ result }) => result);
}

describe('an examination', () => {
  it('skips what needs a check that failed, and all behind it, and names that one', async () => {
    const never = () => {
      throw new Error('was run');
    };
    const found = await results([
      check('c', never, ['b']),
      check('b', never, ['a']),
      check('a', () => fail('disk-low', 'full')),
    ]);
    expect(found).toEqual([
      { mark: 'skipped', cause: 'waits for: Group, a works' },
      { mark: 'skipped', cause: 'waits for: Group, a works' },
      { mark: 'fail', code: 'disk-low', cause: 'full' },
    ]);
  });

  it('goes on behind a warning', async () => {
    const found = await results([check('a', () => warn('disk-low', 'little')), check('b', () => ok(), ['a'])]);
    expect(found.map(({ mark }) => mark)).toEqual(['warn', 'ok']);
  });

  it('makes a failed check of an error, with its code', async () => {
    const found = await results([
      check('a', () => Promise.reject(new CollectorError('retryable', 'broken', { code: 'api-failed' }))),
      check('b', () => Promise.reject(new Error('odd'))),
    ]);
    expect(found).toEqual([
      { mark: 'fail', code: 'api-failed', cause: 'broken' },
      { mark: 'fail', code: 'not-read', cause: 'odd' },
    ]);
  });

  it('ends in time, whatever does not answer', async () => {
    const clock = createFakeClock();
    const checks = [check('a', () => new Promise(() => undefined)), check('b', () => ok())];
    const examination = examine(checks, clock, new AbortController().signal);
    await clock.advance(7000);
    expect((await examination).map(({ result }) => result)).toEqual([
      { mark: 'fail', code: 'not-read', cause: 'no answer within 7 s' },
      { mark: 'ok' },
    ]);
  });
});
