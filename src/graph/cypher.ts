import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/**
 * Labels and properties are those of Cartography's OpenAI schema
 * (https://cartography-cncf.github.io/cartography/modules/openai/schema.html), so that queries made for it work; kinds
 * that it does not know are called in its way.
 */
const LABELS: Readonly<Record<string, readonly [string, string?]>> = {
  organization: ['OpenAIOrganization', 'Tenant'],
  project: ['OpenAIProject', 'Tenant'],
  user: ['OpenAIUser', 'UserAccount'],
  service_account: ['OpenAIServiceAccount', 'ServiceAccount'],
  api_key: ['OpenAIApiKey', 'APIKey'],
  admin_api_key: ['OpenAIAdminApiKey', 'APIKey'],
};

/**
 * Statements for `cypher-shell`. All of them can be run again: nothing is created twice, `firstseen` (milliseconds) stays,
 * `lastupdated` (seconds) is when it was last told of. What is only pointed to is left out, with the edges to it.
 */
export function cypherOf({ nodes, edges }: Graph): string {
  const seen = new Map(nodes.filter(node => node.seen !== undefined).map(node => [node.key, node]));
  const labels = [...new Set([...seen.values()].map(({ kind }) => labelOf(kind)))];
  return [
    ...labels.map(label => `CREATE INDEX IF NOT EXISTS FOR (n:${label}) ON (n.id);`),
    ...[...seen.values()].map(nodeStatement),
    ...edges.flatMap(edge => edgeStatement(edge, seen.get(edge.from), seen.get(edge.to))),
    '',
  ].join('\n');
}

function nodeStatement({ kind, id, name, seen }: GraphNode): string {
  const [, group] = LABELS[kind] ?? [];
  const { description = {}, parts = {}, firstMs = 0, lastMs = 0 } = seen ?? {};
  // Parts of the id that are several are properties as well, to be asked by.
  const own = Object.keys(parts).length > 1 ? underscored(parts) : {};
  const properties = { ...description, ...own, id, ...(name === undefined ? {} : { name }) };
  const sets = [...(group === undefined ? [] : [`n:${group}`]), `n += ${mapOf(properties)}`];
  const times = `ON CREATE SET n.firstseen = ${firstMs} SET ${sets.join(', ')}, n.lastupdated = ${seconds(lastMs)}`;
  return `MERGE (n:${labelOf(kind)} {id: ${stringOf(id)}}) ${times};`;
}

function edgeStatement({ type, lastMs }: GraphEdge, from?: GraphNode, to?: GraphNode): readonly string[] {
  if (from === undefined || to === undefined) return [];
  const ends = `MATCH (a:${labelOf(from.kind)} {id: ${stringOf(from.id)}}), (b:${labelOf(to.kind)} {id: ${stringOf(to.id)}})`;
  const times = `ON CREATE SET r.firstseen = ${lastMs} SET r.lastupdated = ${seconds(lastMs)}`;
  return [`${ends} MERGE (a)-[r:${type.toUpperCase()}]->(b) ${times};`];
}

/** `OpenAIRoleAssignment` */
function labelOf(kind: string): string {
  const words = kind.split('_').map(word => word.slice(0, 1).toUpperCase() + word.slice(1));
  return LABELS[kind]?.[0] ?? `OpenAI${words.join('')}`;
}

function underscored(parts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parts).map(([part, text]) => [part.replaceAll('.', '_'), text]));
}

function mapOf(properties: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(properties).map(([name, value]) => `${nameOf(name)}: ${literalOf(value)}`);
  return `{${entries.join(', ')}}`;
}

function nameOf(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  // A backslash could begin an escape that the database resolves before it reads anything else.
  return `\`${printable(name).replaceAll('`', '``').replaceAll('\\', '_')}\``;
}

/** A property is a scalar or a list of texts; whatever else is there is its JSON. Null takes the property away. */
function literalOf(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return stringOf(value);
  if (typeof value === 'number') return numberOf(value);
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? String(value) : stringOf(String(value));
  const isList = Array.isArray(value) && value.every(item => typeof item === 'string');
  return isList ? `[${value.map(stringOf).join(', ')}]` : stringOf(jsonText(value));
}

/** Whole numbers beyond 64 bits are none to a database. */
function numberOf(value: number): string {
  if (!Number.isFinite(value)) return stringOf(String(value));
  const text = String(value).replace('e+', 'e');
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function stringOf(text: string): string {
  const escaped = printable(text, '\n\r\t').replace(/[\\'\n\r\t]/g, character => ESCAPES[character] ?? '');
  // Some databases resolve \u before anything else, even after a backslash: the two are never neighbours here.
  return `'${escaped.replaceAll('\\u', "\\' + 'u")}'`;
}

/** Other control characters are of no use in a name, and dangerous in a shell. */
function printable(text: string, kept = ''): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, character => (kept.includes(character) ? character : '\u{FFFD}'));
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
