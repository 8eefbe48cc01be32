import { describe, expect, it } from 'vitest';
import { cli } from '../../src/cli.ts';
import { ExitError } from '../../src/errors.ts';
import { exitCodeOf, PROBLEM_CODES } from '../../src/problems.ts';

async function explain(...words: readonly string[]) {
  const written = { out: '', err: '' };
  const io = {
    stdout: { write: (text: string) => (written.out += text), columns: 60 },
    stderr: { write: (text: string) => (written.err += text) },
    env: {},
    signal: new AbortController().signal,
  };
  return { code: await cli(['explain', ...words], io), ...written };
}

describe('explain', () => {
  it('says what a code means and what to do, in lines that fit the terminal', async () => {
    const { code, out } = await explain('key-refused');
    expect(code).toBe(0);
    expect(out).toMatch(/^key-refused \(exit code 12\)\n {2}The API does not know the key/);
    expect(out).toContain('  -> Set `admin_key`');
    expect(out.split('\n').filter(line => line.length > 60)).toEqual([]);
  });

  it('takes a code as it stands in a message, in brackets', async () => {
    expect((await explain('[state-in-use]')).out).toMatch(/^state-in-use \(exit code 11\)/);
  });

  it('lists every code', async () => {
    const { out } = await explain();
    expect(PROBLEM_CODES.filter(code => !out.includes(`${code} (exit code`))).toEqual([]);
  });

  it('suggests the code that was meant', async () => {
    const { code, err } = await explain('key-refusd');
    expect(code).toBe(2);
    expect(err).toContain('There is no code "key-refusd". Did you mean key-refused?');
    expect(err).toContain('[usage]');
  });
});

describe('the catalogue', () => {
  it('has codes in words that a shell and a table take as they are', () => {
    expect(PROBLEM_CODES.filter(code => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
  });

  it('tells the exit code of an error from its code', () => {
    const error = new ExitError('state-newer', 'newer');
    expect([error.exitCode, error.code]).toEqual([10, 'state-newer']);
  });

  it.each([1, 2, 10, 11, 12])('has a code for an error of which only the exit code %i is known', exit => {
    expect(exitCodeOf(new ExitError(exit, 'something').code)).toBe(exit);
  });
});
