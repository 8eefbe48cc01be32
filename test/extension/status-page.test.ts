import { describe, expect, it } from 'vitest';
import { statusPage } from '../../src/extension/status-page.ts';
import { evil, nowMs, status } from './shown-status.ts';

describe('the status page', () => {
  const { body: page, headers } = statusPage(status, { isPaused: false });

  it('escapes what API and backend said, and runs and loads nothing', () => {
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|[^\n\P{Cc}]|\u202e| src=|url\(| on\w+=/u);
    expect(
      [...page.matchAll(/ href="([^"]*)"/g)]
        .map(([, to]) => to)
        .filter(to => !/^(data:,|data:image\/svg|\/(?!\/))/.test(to ?? '')),
    ).toEqual([]);
    expect(headers?.['content-security-policy']).toMatch(
      /^default-src 'none'; img-src data:; style-src 'sha256-[^']+';/,
    );
  });

  it('draws covered spans, gaps and what is set aside to scale, and says what the colours mean', () => {
    const bars = [...page.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"/g)];
    expect(bars.map(([, kind, x, width]) => [kind, Math.round(Number(x)), Math.round(Number(width))])).toEqual([
      ['none', 0, 1000],
      ['covered', 0, 500],
      ['covered', 700, 300],
      ['gap', 500, 100],
      ['aside', 600, 100],
    ]);
    expect(page).toContain('<i class="aside"></i>set aside');
  });

  it('says how far long work is and when it should end', () => {
    expect(page).toContain('filling history tenant: 33 %, 1 d of 3 d, about 1 min 30 s left');
    expect(page).toMatch(/<progress max="259200" value="86400" aria-label="filling history tenant">/);
  });

  it('says of the inventory when it was read, what was not, and where its picture is', () => {
    expect(page).toMatch(/<dt>last reading<\/dt><dd>10 min ago, took 2 min<\/dd>/);
    expect(page).toMatch(/<dt>oldest list<\/dt><dd>read 1 h ago<\/dd>/);
    expect(page).toContain('<code>/organization/groups</code>: HTTP 500');
    expect(page).toContain('href="/graph?organization=acme"');
  });

  it('shows routes that were asked or whose limit is known, the busiest first', () => {
    const routes = [...page.matchAll(/<td class="path"><code>([^<]*)</g)].map(([, route]) => route);
    expect(routes).toEqual([expect.stringContaining('script'), '/organization/roles']);
    expect(page).toContain('60 a minute');
  });

  it('shows the newest events only where they are kept', () => {
    expect(page).not.toContain('Newest events');
    const event = { organization: 'acme', stream: 'tenant', atMs: nowMs, deliveredAtMs: nowMs };
    const shown = (events: NonNullable<typeof status.events>) =>
      statusPage({ ...status, events }, { isPaused: false }).body;
    expect(shown([])).toContain('None was delivered since the start.');
    const withEvents = shown([{ ...event, name: 'openai.audit.login.failed', summary: `Ada ${evil}` }]);
    expect(withEvents).toMatch(
      /2026-01-11 00:00:00 UTC, acme\/tenant, <code>login\.failed<\/code>.*<br>Ada \ufffd\[2J&lt;script/,
    );
  });

  it('is renewed by the browser until it is paused', () => {
    expect(page).toContain('<meta http-equiv="refresh" content="10">');
    expect(statusPage(status, { isPaused: true }).body).not.toContain('http-equiv');
  });

  it('says at once, also in its title and icon, whether a person must act', () => {
    const { body } = statusPage({ ...status, ready: true, problems: [] }, { isPaused: false });
    expect(page).toMatch(/<title>needs you - .*fill='%23b3261e'/s);
    expect(body).toMatch(/<title>all is well - .*fill='%231a7f4b'/s);
    const [organization] = status.organizations;
    const [stream] = organization?.streams ?? [];
    if (organization === undefined || stream === undefined) throw new Error('nothing to show');
    const organizations = [{ ...organization, streams: [{ ...stream, state: 'starting' }] }];
    expect(statusPage({ ...status, ready: true, problems: [], organizations }, { isPaused: false }).body).toContain(
      '<title>starting - ',
    );
  });
});
