import { describe, expect, it } from 'vitest';
import { statusText } from '../../src/extension/terminal.ts';
import { status } from './shown-status.ts';

describe('the status in a terminal', () => {
  const text = statusText(status, { width: 24, colour: false });

  it('shows coverage from the start until now, with what is open and what is set aside', () => {
    expect(text).toContain(`\n    ${'█'.repeat(10)}··xx${'█'.repeat(6)}\n`);
    expect(statusText(status, { width: 80, colour: false })).toContain('lag 2 s, open 2 d in 2 gaps\n');
  });

  it('draws how far long work is', () => {
    const line = / {2}history acme\/tenant {2}█+░+ {3}33 % {2}1 d of 3 d {2}1 min 30 s left\n/;
    expect(statusText(status, { width: 80, colour: false })).toMatch(line);
  });

  it('lets no control character and no mark that reorders text through', () => {
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    const colours = [...statusText(status, { width: 80, colour: true }).matchAll(/\p{Cc}(\[\d+m)?/gu)];
    expect(colours.filter(([found, colour]) => found !== '\n' && colour === undefined)).toEqual([]);
  });

  it('says of the inventory when it was read, and what was not', () => {
    const wide = statusText(status, { width: 80, colour: false });
    expect(wide).toContain('  inventory: read 10 min ago, 30 lists, 1 not whole, the oldest read 1 h ago\n');
    expect(wide).toContain('    /organization/groups: HTTP 500\n');
  });

  it('shows the newest events, each in a line of the terminal', () => {
    const event = { organization: 'acme', stream: 'tenant', atMs: 0, deliveredAtMs: 0, name: 'openai.audit.x' };
    const events = [
      { ...event, summary: 'Ada logged in' },
      { ...event, summary: 'long '.repeat(50) },
    ];
    const lines = statusText({ ...status, events }, { width: 60, colour: false })
      .trimEnd()
      .split('\n')
      .slice(-3);
    expect(lines.slice(0, 2)).toEqual(['newest events', '  1970-01-01 00:00:00 UTC acme/tenant: Ada logged in']);
    expect(lines[2]).toMatch(/^.{59}…$/);
  });

  it('says that no collector answered', () => {
    const { startedAtMs: _, ...stored } = status;
    const said = statusText(stored, { width: 80, colour: false });
    expect(said).toMatch(/^no collector answers; .*\/state\.db/);
    expect(said).toContain('  tenant: was behind');
  });

  it('breaks what is long between words', () => {
    const message = 'a backend said '.repeat(20).trim();
    const problems = [{ severity: 'act' as const, organization: 'acme', message }];
    const parked = [{ kind: 'event' as const, reason: 'refused', records: 2, message }];
    const organizations = status.organizations.map(each => ({ ...each, parked, streams: [], routes: [] }));
    const lines = statusText({ ...status, problems, organizations }, { width: 60, colour: false }).split('\n');
    expect(lines.filter(line => line.length > 60)).toEqual([]);
    expect(lines).toContain('!! acme: a backend said a backend said a backend said a');
    expect(lines).toContain('   backend said a backend said a backend said a backend said');
  });
});
