import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { html } from '../../src/extension/html.ts';
import { isOurName, type Pages, plain, serve } from '../../src/extension/server.ts';

const pages: Pages = {
  '/': async () => plain(200, 'here'),
  '/broken': async () => {
    throw new Error('sk-secret');
  },
};

async function server() {
  const opened = await serve('health.endpoint', { host: '127.0.0.1', port: 0 }, pages);
  onTestFinished(opened.close);
  return opened;
}

/** As fetch does, with a Host of our own. */
function ask(url: string, method: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { host } }, response => resolve(response.resume().statusCode));
    sent.once('error', reject);
    sent.end();
  });
}

describe('the server of the status page', () => {
  it('answers GET and HEAD, and changes nothing', async () => {
    const { url } = await server();
    const statuses = await Promise.all(
      ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'].map(method => fetch(url, { method })),
    );
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 405, 405, 405, 405]);
  });

  it('allows a page to load nothing and to be framed by nobody', async () => {
    const { headers } = await fetch((await server()).url);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('refuses a name that another site may have pointed here', async () => {
    const { url } = await server();
    const port = new URL(url).port;
    const asked = (host: string) => ask(url, 'GET', host);
    expect(await asked(`localhost:${port}`)).toBe(200);
    expect(await asked(`attacker.example:${port}`)).toBe(421);
    expect(await asked('192.0.2.1')).toBe(421);
  });

  it('says where pages are, and nothing of what went wrong', async () => {
    const { url } = await server();
    expect(await (await fetch(`${url}/elsewhere?query=ignored`)).text()).toBe('there are / /broken\n');
    expect(await (await fetch(`${url}/__proto__`)).text()).toContain('there are');
    const broken = await fetch(`${url}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, expect.not.stringContaining('sk-')]);
  });

  it('names key and port where it cannot listen', async () => {
    const { url } = await server();
    const port = Number(new URL(url).port);
    const again = serve('telemetry.metrics.prometheus', { host: '127.0.0.1', port }, pages);
    await expect(again).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(new RegExp(`^telemetry\\.metrics\\.prometheus: port ${port} is in use`)),
    });
  });
});

it('tells a page what is asked and whether this machine asks', async () => {
  const told: unknown[] = [];
  const asked: Pages = {
    '/': async ({ query, isLocal }) => {
      told.push([...query, isLocal]);
      return plain(200, '');
    },
  };
  const address = Object.values(networkInterfaces())
    .flat()
    .find(each => each?.internal === false && each.family === 'IPv4')?.address;
  const { url, close } = await serve('health.endpoint', { host: '0.0.0.0', port: 0 }, asked);
  onTestFinished(close);
  const { port } = new URL(url);
  await fetch(`http://127.0.0.1:${port}/?kind=user&find=a%20b`);
  if (address !== undefined) await fetch(`http://${address}:${port}/`);
  expect(told).toEqual([[['kind', 'user'], ['find', 'a b'], true], ...(address === undefined ? [] : [[false]])]);
});

describe('a name in a Host header', () => {
  it.each([
    ['localhost:13134', 'localhost', true],
    ['[::1]:13134', '::1', true],
    ['collector.localhost', '127.0.0.1', true],
    ['attacker.example', 'localhost', false],
    ['localhost.attacker.example', 'localhost', false],
    ['collector', 'localhost', false],
    ['', 'localhost', false],
    ['collector:9464', '0.0.0.0', true],
    ['192.0.2.7:9464', '0.0.0.0', true],
    ['attacker.example:9464', '0.0.0.0', false],
    ['audit.example.com', 'audit.example.com', true],
  ])('%s at %s: %s', (header, host, expected) => {
    expect(isOurName(header, host)).toBe(expected);
  });
});

describe('html', () => {
  it('escapes whatever is put into it, also in attributes, and shows no mark that reorders text', () => {
    const evil = `"><script>alert('&')</script>\u202e\u0007`;
    expect(html`<p title="${evil}">${html`<b>${evil}</b>`}</p>`.text).not.toMatch(/<script|">.*">|[\u202e\p{Cc}]/u);
    expect(html`${'<'}${1}${[html`<i>`]}`.text).toBe('&lt;1<i>');
  });
});
