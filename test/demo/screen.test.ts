import { describe, expect, it } from 'vitest';
import { Screen } from '../../src/demo/screen.ts';

const AT_S = Date.UTC(2026, 10, 22, 21, 5, 9) / 1000;

function watching(terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  const written: string[] = [];
  const screen = new Screen({ ...terminal, write: text => written.push(text) });
  return { screen, text: () => written.join('') };
}

function record(summary: string, type = 'login.succeeded', uid = 'audit_log-123x7Qa') {
  const attributes = new Map([
    ['openai.audit.delivery', 'live'],
    ['openai.audit.type', type],
    ['openai.audit.summary', summary],
  ]);
  return { about: 'event', uid, timestamp: AT_S, text: undefined, attributes } as const;
}

describe('the screen', () => {
  it('shows time, type and summary of an event with the end of its id', () => {
    const { screen, text } = watching();
    screen.event(record('ada@example.com logged in'));
    expect(text()).toBe('21:05:09 live [x7Qa] login.succeeded        ada@example.com logged in\n');
  });

  it('cuts an event to the width of the terminal, and nowhere else', () => {
    const wide = 'ada@example.com '.repeat(10);
    const terminal = watching({ isTTY: true, columns: 80 });
    terminal.screen.event(record(wide));
    expect(terminal.text()).toMatch(/^21:05:09 live .{65}…\n$/);
    const file = watching();
    file.screen.event(record(wide));
    expect(file.text()).toContain(wide);
  });

  it('shows the inventory as sentences that are marked, and an entity without one not at all', () => {
    const { screen, text } = watching({ isTTY: true, columns: 80 });
    const change = (said: string | undefined) =>
      ({ about: 'inventory', uid: 'u', timestamp: AT_S, text: said, attributes: new Map() }) as const;
    screen.inventory(change('added by ada@example.com: group g1\u001b[2J of demo'));
    screen.inventory(change(undefined));
    screen.inventory(
      change('removed by svc_acct_nPiY15nzNj6DsvMf: API key key_XvUvTPeUpMZTlm7b in project proj_PRnBm4Db9tqoD2BP'),
    );
    screen.inventory(change('x'.repeat(100)));
    const [first, second, third = '', ...rest] = text().split('\n');
    expect(first).toBe('21:05:09 inventory added by ada@example.com: group g1\\u{1b}[2J of demo');
    expect(second).toBe('21:05:09 inventory removed by svc_acct_…svMf: API key key_…lm7b in project proj…');
    expect(third).toHaveLength(80);
    expect(rest).toEqual(['']);
  });

  it('lets no event steer the terminal', () => {
    const { screen, text } = watching({ isTTY: true, columns: 200 });
    screen.event(record('a\u001b[2J\r\nb\u0085c\u009bd\u202ee', 'x\u0007', 'audit_log-ab\u001bc'));
    expect(text()).toContain('a\\u{1b}[2J\\u{d}\\u{a}b\\u{85}c\\u{9b}d\\u{202e}e\n');
    expect(text().slice(0, -1)).not.toMatch(/\p{Cc}/u);
  });

  it('rewrites one line of progress on a terminal, and takes it away before anything else', () => {
    const { screen, text } = watching({ isTTY: true, columns: 80 });
    screen.progress(1, 4, 0);
    screen.progress(2, 4, 50);
    screen.progress(3, 4, 100);
    screen.say('said');
    screen.say('said again');
    expect(text()).toBe(
      '\r\u001b[Khistory: 1 of 4 events delivered (25 %)\r\u001b[Khistory: 3 of 4 events delivered (75 %)\r\u001b[Ksaid\nsaid again\n',
    );
  });

  it('leaves the last line of progress standing', () => {
    const { screen, text } = watching({ isTTY: true, columns: 80 });
    screen.progress(3, 4, 0);
    screen.progress(4, 4, 1);
    screen.say('said');
    expect(text().slice(-49)).toBe('\u001b[Khistory: 4 of 4 events delivered (100 %)\nsaid\n');
  });

  it('says progress by quarters where nobody watches', () => {
    const { screen, text } = watching();
    for (let done = 1; done <= 100; done += 1) screen.progress(done, 100, done);
    expect(text().match(/\d+ %/g)).toEqual(['25 %', '50 %', '75 %', '100 %']);
  });
});
