import { describe, expect, it } from 'vitest';
import { cli } from '../../src/cli.ts';
import { EXIT } from '../../src/errors.ts';

async function ran(...argv: readonly string[]) {
  const texts = { out: '', err: '' };
  const signal = new AbortController().signal;
  const stdout = { write: (text: string) => (texts.out += text) };
  const stderr = { write: (text: string) => (texts.err += text) };
  return { code: await cli(argv, { stdout, stderr, env: {}, signal }), ...texts };
}

describe('verify and replay', () => {
  it.each(['verify', 'replay'])('%s says how it is used, and how it ends', async name => {
    const { code, out } = await ran(name, '--help');
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(new RegExp(`^Usage: openai-audit-collector ${name} \\[--config FILE\\]`));
    expect(out).toMatch(/Ends with 0 .* 1 .*\b11\b/s);
  });

  it.each([
    [['verify', '--from', '2026-02-30T00:00:00Z'], '--from: "2026-02-30T00:00:00Z" is not an RFC 3339 instant'],
    [['verify', '--from', '1h', '--to', '1h'], '--from must be before --to'],
    [['verify', '--from', '1h', '--stream', 'both'], '--stream: "both" is not one of organization, tenant'],
    [['verify'], '--from is needed'],
    [['verify', '--form', '1h'], 'There is no option "--form". Did you mean --from?'],
    [['replay', '--all', '--reason', 'refused'], '--all, --uid and --reason exclude each other'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await ran(...argv);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(message);
  });
});
