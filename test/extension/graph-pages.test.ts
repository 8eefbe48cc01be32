import { describe, expect, it } from 'vitest';
import { type Graphs, graphPages } from '../../src/extension/graph-pages.ts';
import { graphUrl } from '../../src/extension/graph-url.ts';
import type { Item } from '../../src/graph/graph.ts';

const EVIL = '<script>alert(1)</script>\u001b[2J\u202e';

function thing(
  kind: string,
  id: string,
  name: string | undefined,
  relations: readonly object[] = [],
  description = {},
): Item {
  const content = JSON.stringify({ form: 'node', id: { [`${kind}.id`]: id }, description, relations });
  return { kind, id, ...(name === undefined ? {} : { name }), content, firstSeenMs: 0, reportedMs: 60_000 };
}

const end = (kind: string, id: string) => ({ kind, id: { [`${kind}.id`]: id } });
const inAcme = (kind: string, id: string) => ({
  from: end('organization', 'acme'),
  type: 'resource',
  to: end(kind, id),
});

const ITEMS: readonly Item[] = [
  thing('organization', 'acme', 'acme'),
  thing('project', 'p1', 'Search', [inAcme('project', 'p1')]),
  thing('spend_limit', 'p1', undefined, [
    { from: end('project', 'p1'), type: 'resource', to: end('spend_limit', 'p1') },
  ]),
  ...Array.from({ length: 250 }, (_, i) => {
    const id = `user-${i}`;
    const member = { from: end('user', id), type: 'member_of', to: end('project', 'p1') };
    const relations = [inAcme('user', id), ...(i < 3 ? [member] : [])];
    return thing('user', id, i === 0 ? EVIL : `Person ${i}`, relations, { email: `p${i}@example.com` });
  }),
  thing('api_key', 'k', 'ci', [{ from: end('service_account', 'gone'), type: 'owns', to: end('api_key', 'k') }]),
];

const graphs: Graphs = { organizations: ['acme', 'other'], inventory: async name => (name === 'acme' ? ITEMS : []) };

async function ask(url: string, isLocal = true) {
  const page = await graphPages(graphs)['/graph']?.({ query: new URL(url, 'http://localhost').searchParams, isLocal });
  if (page === undefined) throw new Error('there is no such page');
  const links = [...page.body.matchAll(/<a href="([^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
  return { ...page, links, boxes: page.body.match(/class="name"/g)?.length ?? 0 };
}

describe('the picture of an organization', () => {
  it('begins with it, and what is many is one box that leads to a list', async () => {
    const { status, body, boxes, links } = await ask('/graph');
    expect(status).toBe(200);
    expect(body).toContain('<h1>organization acme</h1>');
    expect(boxes).toBe(3);
    expect(body).toContain('>250 users</text>');
    expect(links).toContain(
      graphUrl('acme', { around: 'organization acme', type: 'resource', way: 'out', kind: 'user' }),
    );
    expect(links).toContain(graphUrl('acme', { kind: 'api_key' }));
  });

  it('shows a thing with what points to it and what it points to, each box a way on, each edge with its word', async () => {
    const { body, boxes, links } = await ask(graphUrl('acme', { around: 'project p1' }));
    expect(boxes).toBe(1 + 1 + 3 + 1);
    expect(links).toContain(graphUrl('acme', { around: 'user user-1' }));
    expect(body).toMatch(/<li>3 users member of it: <a [^>]+>&lt;script/);
    expect([...body.matchAll(/class="how"[^>]*>([^<]*)</g)].map(([, how]) => how).toSorted()).toEqual([
      'has',
      'has',
      'member of',
    ]);
    expect(body).toMatch(
      /<h1>project Search<\/h1>.*first seen 1970-01-01 00:00:00 UTC, last reported 1970-01-01 00:01:00 UTC/s,
    );
  });

  it('calls by its kind what has no name, and draws otherwise what is not in the inventory', async () => {
    const { body } = await ask(graphUrl('acme', { around: 'spend_limit p1' }));
    expect(body).toMatch(/class="name"[^>]*>spend limit<\/text><text class="kind"[^>]*>p1</);
    const key = await ask(graphUrl('acme', { around: 'api_key k' }));
    expect(key.body).toMatch(/<g class="unseen"><title>service account gone<\/title>/);
    const gone = await ask(graphUrl('acme', { around: 'service_account gone' }));
    expect(gone.body).toContain('not in the inventory: known only by what points to it');
  });

  it('lets no name be more than text', async () => {
    for (const place of [{ around: 'user user-0' }, { around: 'project p1' }, { kind: 'user' }, { find: EVIL }]) {
      const { body } = await ask(graphUrl('acme', place));
      expect(body).toContain('&lt;script&gt;');
      expect(body).not.toMatch(/<script|[^\n\P{Cc}]|\u202e| on\w+=/u);
    }
  });
});

describe('lists of things', () => {
  it('come a hundred at a time', async () => {
    const url = (page: number) => graphUrl('acme', { kind: 'user', page });
    const first = await ask(graphUrl('acme', { kind: 'user' }));
    expect(first.body).toContain('<h1>250 users</h1>');
    expect(first.body.match(/<tr>/g)).toHaveLength(101);
    expect(first.links).toContain(url(2));
    expect(first.links).not.toContain(url(0));
    const last = await ask(url(3));
    expect(last.body.match(/<tr>/g)).toHaveLength(51);
    expect(last.links).toContain(url(2));
    expect((await ask(url(99))).body).toContain('page 3 of 3');
    expect((await ask('/graph?kind=user&page=-1e9')).body).toContain('page 1 of 3');
  });

  it('are of one group around a thing, with the way back', async () => {
    const { body, links } = await ask(
      graphUrl('acme', { around: 'project p1', type: 'member_of', way: 'in', kind: 'user' }),
    );
    expect(body).toContain('<h1>3 users</h1>');
    expect(body).toMatch(/member of <a href="[^"]+">project Search<\/a>/);
    expect(links).toContain(graphUrl('acme', { around: 'project p1' }));
  });

  it.each([
    ['person 24', 11],
    ['user-249', 1],
    ['P7@EXAMPLE', 1],
    ['nobody', 0],
  ])('are found by name, id and mail address: %s', async (find, count) => {
    const { body } = await ask(graphUrl('acme', { find }));
    expect(body).toContain(`<h1>${count} found</h1>`);
    expect(body).not.toContain('example.com');
  });
});

describe('what cannot be shown', () => {
  it('is said: nothing read yet, nothing of that name, no such organization', async () => {
    expect(await ask('/graph?organization=other')).toMatchObject({
      status: 404,
      body: expect.stringContaining('Nothing of its inventory'),
    });
    expect(await ask(graphUrl('acme', { around: 'user nobody' }))).toMatchObject({ status: 404 });
    expect(await ask(graphUrl(EVIL))).toMatchObject({ status: 404, body: expect.not.stringContaining('<script') });
  });

  it('is everything, to whoever is not on this machine', async () => {
    const { status, body } = await ask('/graph', false);
    expect([status, body]).toEqual([403, expect.not.stringContaining('acme')]);
  });
});

it('a picture of thousands is small, and others have their turns while it is made', async () => {
  const users = Array.from({ length: 5_000 }, (_, i) =>
    thing('user', `u${i}`, `Person ${i}`, [inAcme('user', `u${i}`)]),
  );
  const large = graphPages({ organizations: ['acme'], inventory: async () => [...ITEMS, ...users] });
  let turns = 0;
  const counting = setInterval(() => (turns += 1));
  const { body = '' } = (await large['/graph']?.({ query: new URLSearchParams(), isLocal: true })) ?? {};
  clearInterval(counting);
  expect(turns).toBeGreaterThan(3);
  expect(body).toContain('>5,250 users</text>');
  expect(body.length).toBeLessThan(20_000);
});
