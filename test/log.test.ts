import { describe, expect, it } from 'vitest';
import { createLogger, type Level, logFormat } from '../src/log.ts';

const TIME = '2026-03-01T12:00:00.000Z';

function logged(format: 'json' | 'text', level: Level = 'debug') {
  const lines: string[] = [];
  const clock = { nowMs: () => Date.parse(TIME) };
  return { lines, log: createLogger({ format, level, clock, write: line => lines.push(line) }) };
}

describe('the log', () => {
  it('writes one JSON object a line, time first', () => {
    const { lines, log } = logged('json');
    log.info('polled', { organization: 'acme', events: 3, more: false, oldest: undefined });
    expect(lines).toEqual([
      `{"time":"${TIME}","level":"info","message":"polled","organization":"acme","events":3,"more":false}\n`,
    ]);
  });

  it('writes text that a person can read', () => {
    const { lines, log } = logged('text');
    log.warn('held', { status: 401, why: 'key "a" refused', empty: '', way: 'gap/3', none: undefined });
    expect(lines).toEqual([`${TIME} WARN  held status=401 why="key \\"a\\" refused" empty="" way=gap/3\n`]);
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = logged('text', 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map(line => line.split(/ +/)[1])).toEqual(['WARN', 'ERROR']);
  });

  it('adds fixed fields to every line, and lets a line replace them', () => {
    const { lines, log } = logged('json');
    const fixed = log.with({ organization: 'acme' }).with({ stream: 'tenant' });
    fixed.error('x', { stream: 'organization' });
    log.error('y');
    expect(lines.map(line => JSON.parse(line))).toEqual([
      { time: TIME, level: 'error', message: 'x', organization: 'acme', stream: 'organization' },
      { time: TIME, level: 'error', message: 'y' },
    ]);
  });

  it('keeps its own fields from being replaced', () => {
    const { lines, log } = logged('json');
    log.info('real', { message: 'forged', level: 'forged', time: 'forged' });
    expect(JSON.parse(lines[0] ?? '')).toEqual({ time: TIME, level: 'info', message: 'real' });
  });

  it.each(['json', 'text'] as const)('lets no text forge a %s line or steer a terminal', format => {
    const { lines, log } = logged(format);
    const hostile = 'a\nb\r\u001b[2J\u009b31m\u007f\u2028\u202e\u0000';
    log.info(hostile, { field: hostile, [hostile]: 1 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
    expect(lines[0]).toContain('\\u001b[2J');
  });

  it('keeps what is escaped in JSON readable as the same text', () => {
    const { lines, log } = logged('json');
    log.info('a\u009b\u202e\u001bä€');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'a\u009b\u202e\u001bä€' });
  });

  it('is text on a terminal and JSON elsewhere, unless the configuration says', () => {
    expect([logFormat('auto', true), logFormat('auto', false)]).toEqual(['text', 'json']);
    expect([logFormat('json', true), logFormat('text', false)]).toEqual(['json', 'text']);
  });
});
