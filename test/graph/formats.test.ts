import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { cypherOf } from '../../src/graph/cypher.ts';
import { dotOf } from '../../src/graph/dot.ts';
import { graphOf } from '../../src/graph/graph.ts';
import { graphmlOf } from '../../src/graph/graphml.ts';
import { jsonOf } from '../../src/graph/json.ts';
import { mermaidOf } from '../../src/graph/mermaid.ts';
import { type Parsed, parseCypher, partsOf } from './cypher-parser.ts';
import { ODD, THINGS } from './things.ts';

const whole = graphOf('acme "one"', THINGS);
const [nodes, edges] = [whole.nodes.length, whole.edges.length];
const control = (kept: RegExp) => (text: string) => text.replace(kept, '').match(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
const lines = (text: string) => text.split('\n');

it.each([
  ['json', jsonOf],
  ['dot', dotOf],
  ['mermaid', mermaidOf],
  ['cypher', cypherOf],
  ['graphml', graphmlOf],
] as const)('%s holds nothing that could steer a terminal or break a line', (_, write) => {
  expect(control(/\n/g)(write(whole))).toBe(null);
  expect(write(graphOf('acme', THINGS.toReversed()))).toBe(write(graphOf('acme', THINGS)));
});

describe('JSON', () => {
  const end = {
    type: 'object',
    properties: { kind: { type: 'string' }, id: { type: 'string' } },
    required: ['kind', 'id'],
    additionalProperties: false,
  };
  const schema = {
    type: 'object',
    properties: {
      organization: { type: 'string' },
      nodes: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            kind: { type: 'string' },
            id: { type: 'string' },
            name: { type: 'string' },
            firstseen: { type: 'integer' },
            lastupdated: { type: 'integer' },
            description: { type: 'object' },
            missing: { const: true },
          },
          required: ['kind', 'id'],
          oneOf: [{ required: ['firstseen', 'lastupdated', 'description'] }, { required: ['missing'] }],
          additionalProperties: false,
        },
      },
      edges: {
        type: 'array',
        items: {
          type: 'object',
          properties: { from: end, type: { type: 'string' }, to: end },
          required: ['from', 'type', 'to'],
          additionalProperties: false,
        },
      },
    },
    required: ['organization', 'nodes', 'edges'],
    additionalProperties: false,
  };

  it('has the shape that is promised, and everything that is known', () => {
    const ajv = new Ajv();
    const read = JSON.parse(jsonOf(whole));
    expect([ajv.validate(schema, read), ajv.errors]).toEqual([true, null]);
    expect([read.nodes.length, read.edges.length]).toEqual([nodes, edges]);
    const odd = read.nodes.find(({ id }: { id: string }) => id === 'user-2');
    expect(odd).toMatchObject({ name: ODD, firstseen: 1_760_000_000, lastupdated: 1_760_003_600 });
    expect(odd.description.owner).toEqual({ name: ODD });
  });

  it('is valid for nothing, too', () => {
    expect(JSON.parse(jsonOf({ organization: 'a', nodes: [], edges: [] }))).toEqual({
      organization: 'a',
      nodes: [],
      edges: [],
    });
  });
});

describe('DOT', () => {
  const text = String.raw`"((?:[^"\\]|\\.)*)"`;
  const node = new RegExp(`^ {2}${text} \\[label=${text}(?:, style="rounded,dashed")?\\];$`);
  const edge = new RegExp(`^ {2}${text} -> ${text} \\[label=${text}\\];$`);
  const plain = (quoted = '') => quoted.replace(/\\(.)/g, '$1');

  it('has one line for each node and edge, with every quotation mark and backslash escaped', () => {
    const [first, ...rest] = lines(dotOf(whole));
    expect(first).toBe('digraph "acme \\"one\\"" {');
    const found = rest.flatMap(line => node.exec(line) ?? []);
    const ids = new Set(rest.flatMap(line => plain(node.exec(line)?.[1])).filter(Boolean));
    const ends = rest.flatMap(line => edge.exec(line)?.slice(1, 3).map(plain) ?? []);
    expect([ids.size, ends.length]).toEqual([nodes, 2 * edges]);
    expect(ends.filter(id => !ids.has(id))).toEqual([]);
    // What neither matches opens or closes the graph, or is a setting.
    expect(rest.filter(line => !node.test(line) && !edge.test(line))).toEqual([
      '  rankdir=LR;',
      '  node [shape=box, style=rounded, fontname="sans-serif"];',
      '  edge [fontname="sans-serif", fontsize=10];',
      '}',
      '',
    ]);
    expect(found.join()).toContain('\\"quoted\\"');
  });
});

describe('Mermaid', () => {
  it('has one line for each node and edge, and labels without anything that it could read', () => {
    const [first, ...rest] = lines(mermaidOf(whole));
    expect(first).toBe('flowchart LR');
    const labels = rest.flatMap(line => /^ {2}n\d+\["(.*)"\]$/.exec(line)?.[1] ?? []);
    const arrows = rest.filter(line => /^ {2}n\d+ -->\|[a-z_]+\| n\d+$/.test(line));
    expect([labels.length, arrows.length, rest.length]).toEqual([nodes, edges, nodes + edges + 3]);
    expect(labels.filter(label => /["<>`[\]{}|;\\&]/.test(label.replace(/#\d+;|<br\/>/g, '')))).toEqual([]);
    const read = labels.map(label => label.replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))));
    expect(read).toContain(`${ODD.toWellFormed().replace(/[\p{Cc}\p{Zl}]+/gu, ' ')}<br/>user user-2`);
  });

  it('marks what is only pointed to', () => {
    expect(lines(mermaidOf(whole)).at(-2)).toBe(`  class n${nodes - 1} missing`);
  });
});

describe('GraphML', () => {
  it('is well-formed, and has every node, edge and value', () => {
    const text = graphmlOf(whole);
    const found = elements(text);
    const ids = found.filter(({ name }) => name === 'node').map(({ attributes }) => attributes.id);
    const ends = found
      .filter(({ name }) => name === 'edge')
      .flatMap(({ attributes }) => [attributes.source, attributes.target]);
    expect([new Set(ids).size, ends.length]).toEqual([nodes, 2 * edges]);
    expect(ends.filter(end => !ids.includes(end))).toEqual([]);
    const keys = found.filter(({ name }) => name === 'key').map(({ attributes }) => attributes.id);
    const data = found.filter(({ name }) => name === 'data');
    expect(data.filter(({ attributes }) => !keys.includes(attributes.key))).toEqual([]);
    const names = data.filter(({ attributes }) => attributes.key === 'name').map(({ content }) => content);
    expect(names).toContain(ODD.toWellFormed().replace(/(?![\n\r\t\u{80}-\u{9f}])\p{Cc}/gu, '\u{FFFD}'));
    expect(found.find(({ name }) => name === 'graph')?.attributes.id).toBe('acme "one"');
  });
});

describe('Cypher', () => {
  const [indexes, statements] = [/^CREATE INDEX .*/, /^(?:MERGE|MATCH) .*/].map(form =>
    lines(cypherOf(whole)).filter(line => form.test(line)),
  );
  const trees = (statements ?? []).map(parseCypher);

  it('is understood by Neo4j’s grammar: one statement a line, which merges', () => {
    expect(trees).toHaveLength(nodes - 1 + (edges - 2));
    for (const tree of trees) {
      expect(partsOf(tree, 'cypherPart')).toHaveLength(1);
      expect(partsOf(tree, 'mergeClause')).toHaveLength(1);
      expect(partsOf(tree, 'createClause')).toHaveLength(0);
      const creates = partsOf(tree, 'mergeAction').map(({ text }) => text);
      expect(creates.map(text => /^ON ?CREATE SET [nr]\.firstseen ?= ?\d+$/.test(text.trim()))).toEqual([true]);
      expect(tree.text).toMatch(/[nr]\.lastupdated = \d+/);
    }
  });

  it('asks for an index of the ids of each label', () => {
    const labels = new Set(
      trees.flatMap(tree => partsOf(tree, 'nodePattern').map(({ text }) => /:(\w+)/.exec(text)?.[1])),
    );
    labels.delete(undefined);
    expect(indexes?.toSorted()).toEqual(
      [...labels].toSorted().map(label => `CREATE INDEX IF NOT EXISTS FOR (n:${label}) ON (n.id);`),
    );
  });

  it('uses the labels and edges of the well-known schema', () => {
    const nodeLabels = (tree: Parsed) => partsOf(tree, 'labelName').map(({ text }) => text);
    const merged = new Map(trees.map(tree => [idsIn(tree).join(' '), nodeLabels(tree)]));
    expect(merged.get('user-1')).toEqual(['OpenAIUser', 'UserAccount']);
    expect(merged.get('proj_1')).toEqual(['OpenAIProject', 'Tenant']);
    expect(merged.get('key_1')).toEqual(['OpenAIApiKey', 'APIKey']);
    expect(merged.get('org-1')).toEqual(['OpenAIOrganization', 'Tenant']);
    expect(merged.get('proj_1/rl-o3')).toEqual(['OpenAIRateLimit']);
    const related = trees.flatMap(tree => {
      const [type] = partsOf(tree, 'relationshipTypes').map(({ text }) => text.replace(/^:\s*/, ''));
      return type === undefined ? [] : [`${idsIn(tree).join(` ${type} `)}`];
    });
    expect(related.toSorted()).toEqual([
      'key_2 OWNED_BY user-1',
      'org-1 RESOURCE proj_1',
      'org-1 RESOURCE user-1',
      'org-1 RESOURCE user-2',
      'org-1 RESOURCE user-3',
      'proj_1 RESOURCE key_1',
      'proj_1 RESOURCE key_2',
      'proj_1 RESOURCE proj_1/rl-o3',
      'user-1 ADMIN_OF proj_1',
      'user-1 MEMBER_OF proj_1',
      'user-1 OWNS key_2',
      'user-2 MEMBER_OF proj_1',
    ]);
  });

  it.each([
    ['service_account', ['OpenAIServiceAccount', 'ServiceAccount']],
    ['admin_api_key', ['OpenAIAdminApiKey', 'APIKey']],
    ['workload_identity_provider', ['OpenAIWorkloadIdentityProvider']],
  ])('calls a %s %j', (kind, labels) => {
    const seen = { description: {}, parts: {}, firstMs: 1, lastMs: 2 };
    const nodes = [{ key: `${kind} 1`, kind, id: '1', name: undefined, seen }];
    const [merge = ''] = lines(cypherOf({ organization: 'acme', nodes, edges: [] })).filter(line =>
      /^MERGE/.test(line),
    );
    expect(partsOf(parseCypher(merge), 'labelName').map(({ text }) => text)).toEqual(labels);
  });

  it('holds every text as it is, but for control characters', () => {
    const odd = trees.find(tree => idsIn(tree).join() === 'user-2');
    const text = ODD.toWellFormed().replace(/(?![\n\r\t])[\p{Cc}\p{Zl}]/gu, '\u{FFFD}');
    const values = odd === undefined ? [] : partsOf(odd, 'expression').map(({ text }) => textOf(text));
    expect(values.filter(value => value === text).length).toBeGreaterThanOrEqual(3);
    expect(values).toContain(JSON.stringify({ name: ODD }).replace(/[\p{Cc}\p{Zl}]/gu, '\u{FFFD}'));
  });

  it('never has a backslash before a u', () => {
    expect(cypherOf(whole)).not.toMatch(/\\u/);
  });
});

/** The ids by which a statement finds nodes. */
function idsIn(tree: Parsed): readonly string[] {
  return partsOf(tree, 'nodePattern').flatMap(({ text }) => /\{id: ?'([^']*)'/.exec(text)?.[1] ?? []);
}

/** What an expression of texts, joined with plus signs, comes to. */
function textOf(expression: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  const texts = expression.matchAll(/'((?:[^'\\]|\\.)*)'/gs);
  return Array.from(texts, ([, text = '']) => text.replace(/\\(.)/gs, (_, c: string) => escapes[c] ?? c)).join('');
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string;
}

/** The elements of an XML document without comments and sections; throws where it is not well-formed. */
function elements(text: string): readonly Element[] {
  const found: Element[] = [];
  const open: { name: string; attributes: Record<string, string>; content: string }[] = [];
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const token = /<(\/?)([a-z]+)((?: [a-z.]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const [whole, close, name = '', attributes = '', empty, content] of body.matchAll(token)) {
    end += whole.length;
    const top = open.at(-1);
    if (content !== undefined) {
      if (top === undefined && content.trim() !== '') throw new Error(`text outside: ${content}`);
      if (top !== undefined) top.content += decoded(content);
    } else if (close) {
      if (top?.name !== name) throw new Error(`${name} closes ${top?.name}`);
      found.push(...open.splice(-1));
    } else {
      const pairs = Array.from(attributes.matchAll(/ ([a-z.]+)="([^"]*)"/g), ([, key = '', value = '']) => [
        key,
        decoded(value),
      ]);
      const element = { name, attributes: Object.fromEntries(pairs), content: '' };
      if (empty) found.push(element);
      else open.push(element);
    }
  }
  if (end !== body.length || open.length > 0) throw new Error(`not well-formed at ${body.slice(end, end + 80)}`);
  return found;
}

function decoded(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw new Error(`a bare ampersand: ${text}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (named[name] ?? ''),
  );
}
